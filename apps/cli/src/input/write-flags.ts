import { fromUtf8 } from '@countersign/evidence';
import type { JsonObject } from '@countersign/protocol';
import { inputError } from './input-value.ts';

/** The short spelling of `repo.write_files`: `--write path=text`, `--write path=@file`, `--delete path`, `-m message`. */
export interface WriteFlags {
  readonly write?: readonly string[];
  readonly delete?: readonly string[];
  readonly message?: string;
}

async function writtenFile(word: string, readBytes: (path: string) => Promise<Uint8Array>): Promise<JsonObject> {
  const at = word.indexOf('=');
  if (at < 1) throw inputError('--write', `"${word}" is not path=@file or path=text`);
  const path = word.slice(0, at);
  const raw = word.slice(at + 1);
  if (!raw.startsWith('@')) return { path, content: raw };
  if (raw.startsWith('@@')) return { path, content: raw.slice(1) };
  const bytes = await readBytes(raw.slice(1));
  const text = fromUtf8(bytes);
  return text === null ? { path, content_base64: Buffer.from(bytes).toString('base64') } : { path, content: text };
}

/** Inputs that the short flags stand for; bytes that are no UTF-8 go as base64. Empty where no flag was given. */
export async function writeFlagInputs(
  flags: WriteFlags,
  readBytes: (path: string) => Promise<Uint8Array>,
): Promise<JsonObject> {
  const written = await Promise.all((flags.write ?? []).map((word) => writtenFile(word, readBytes)));
  const deleted = (flags.delete ?? []).map((path) => ({ path, delete: true }));
  const files = [...written, ...deleted];
  return {
    ...(files.length > 0 && { files }),
    ...(flags.message !== undefined && { message: flags.message }),
  };
}
