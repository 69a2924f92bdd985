import { fromBase64, toBase64 } from '../bytes/base64.ts';
import { utf8 } from '../bytes/utf8.ts';
import { type Checked, invalid, valid } from '../checked/checked.ts';
import type { Sha256, Signer } from '../crypto/ports.ts';
import { formatNote, isNoteName, type NoteSignature, noteKeyPreimage, parseNote } from './signed-note.ts';

/** A tree head: which log, how many leaves, and their root. */
export interface Checkpoint {
  /** `countersign/<installation>`. */
  readonly origin: string;
  /** Number of leaves, up to 2^53 - 1. */
  readonly size: number;
  /** RFC 6962 root, 32 bytes. */
  readonly root: Uint8Array;
}

/** A checkpoint as it was read, with the signed text and signatures that still have to be verified. */
export interface ParsedCheckpoint extends Checkpoint {
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** The log's name in its checkpoints. */
export function checkpointOrigin(installation: string): string {
  return `countersign/${installation}`;
}

/**
 * The note text of a checkpoint (https://c2sp.org/tlog-checkpoint), without extension lines.
 *
 * @throws TypeError on an origin with spaces, control characters or `+`, or a root that is not 32 bytes;
 *   RangeError on a size that is not a safe non-negative integer.
 */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const { origin, size, root } = checkpoint;
  if (!isNoteName(origin)) throw new TypeError('not a checkpoint origin');
  if (root.length !== 32) throw new TypeError('a root has 32 bytes');
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`not a tree size: ${size}`);
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/**
 * Signs a checkpoint: the whole signed note. The signer's name should be the origin. Where a key takes over, `others`
 * sign as well, so that whoever knows either key can verify it. Errors as `formatCheckpoint`.
 */
export function signCheckpoint(checkpoint: Checkpoint, signer: Signer, sha256: Sha256, ...others: Signer[]): string {
  const text = formatCheckpoint(checkpoint);
  const signatures = [signer, ...others].map(({ name, publicKey, sign }) => ({
    name,
    keyId: sha256(noteKeyPreimage(name, publicKey)).slice(0, 4),
    signature: sign(utf8(text)),
  }));
  return formatNote({ text, signatures });
}

/** A decimal without sign or leading zeroes that is a safe integer, or null. */
export function parseDecimal(text: string): number | null {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}

/** Reads a signed checkpoint strictly; extension lines are refused. Nothing is verified yet. */
export function parseCheckpoint(note: string): Checked<ParsedCheckpoint> {
  const parsed = parseNote(note);
  if (!parsed.ok) return parsed;
  const { text, signatures } = parsed.value;
  // The text of a note ends in a newline: the fourth is what comes after it.
  const lines = text.split('\n');
  if (lines.length !== 4) return invalid('a checkpoint has exactly an origin, a size and a root');
  const [origin = '', decimal = '', encoded = ''] = lines;
  const size = parseDecimal(decimal);
  const root = fromBase64(encoded);
  if (size === null || root?.length !== 32) return invalid('a malformed size or root');
  if (!isNoteName(origin)) return invalid('a malformed origin');
  return valid({ origin, size, root, text, signatures });
}
