import { fromBase64, toBase64 } from '../bytes/base64.ts';
import { concatBytes, equalBytes } from '../bytes/bytes.ts';
import { utf8 } from '../bytes/utf8.ts';
import { type Checked, invalid, valid } from '../checked/checked.ts';

/** One signature line of a note. `keyId` is 4 bytes, a hint and no proof. */
export interface NoteSignature {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

/** A C2SP signed note: the signed text, which ends in a newline, and its signatures. */
export interface SignedNote {
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

const ed25519Type = 1;
const namePattern = /^[^\s+\p{Cc}]+$/u;
const linePattern = /^— ([^\s+\p{Cc}]+) ([A-Za-z0-9+/=]+)$/u;

/** Whether a key or log may have this name: not empty, no spaces, control characters, `+` or broken text. */
export function isNoteName(name: string): boolean {
  return namePattern.test(name) && name.isWellFormed();
}

/** The bytes whose SHA-256 begins with the key id of an Ed25519 note key: name, newline, 0x01, raw public key. */
export function noteKeyPreimage(name: string, publicKey: Uint8Array): Uint8Array {
  return concatBytes(utf8(`${name}\n`), new Uint8Array([ed25519Type]), publicKey);
}

/** The note as text (https://c2sp.org/signed-note). */
export function formatNote(note: SignedNote): string {
  const lines = note.signatures.map(
    ({ name, keyId, signature }) => `— ${name} ${toBase64(concatBytes(keyId, signature))}\n`,
  );
  return `${note.text}\n${lines.join('')}`;
}

function parseSignature(line: string): NoteSignature | null {
  const [, name, encoded] = linePattern.exec(line) ?? [];
  const bytes = encoded === undefined ? null : fromBase64(encoded);
  if (name === undefined || bytes === null || bytes.length < 5) return null;
  return { name, keyId: bytes.slice(0, 4), signature: bytes.slice(4) };
}

/**
 * Reads a signed note strictly: only text that `formatNote` would write again byte for byte. Up to 16 signatures.
 * Nothing is verified yet, so nothing in the answer may be trusted.
 */
export function parseNote(note: string): Checked<SignedNote> {
  const split = note.lastIndexOf('\n\n');
  if (split < 0) return invalid('no blank line before the signatures');
  const text = note.slice(0, split + 1);
  const lines = note.slice(split + 2).split('\n');
  if (lines.pop() !== '' || lines.length === 0) return invalid('no signature line that ends in a newline');
  if (lines.length > 16) return invalid('more than 16 signatures');
  if (!note.isWellFormed() || /[^\P{Cc}\n]/u.test(note)) return invalid('a control character or broken text');
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const signature = parseSignature(line);
    if (signature === null) return invalid('a malformed signature line');
    signatures.push(signature);
  }
  return valid({ text, signatures });
}

/** Whether a signature line claims the key with this name and the hash of its `noteKeyPreimage`. */
export function claimsKey(line: NoteSignature, name: string, keyHash: Uint8Array): boolean {
  return line.name === name && equalBytes(line.keyId, keyHash.slice(0, 4));
}
