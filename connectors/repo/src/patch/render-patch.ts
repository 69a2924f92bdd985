import type { BinaryPart, ByteText, PatchFile, PatchHunk } from './patch.ts';
import { encodeName, quote } from './quoted-path.ts';

const signs = { context: ' ', add: '+', remove: '-' } as const;

function range(start: number, lines: number): string {
  return lines === 1 ? `${start}` : `${start},${lines}`;
}

function hunkText(hunk: PatchHunk): ByteText {
  const where = `-${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)}`;
  const lines = hunk.lines.map(
    ({ kind, text, incomplete }) => `${signs[kind]}${text}\n${incomplete ? '\\ No newline at end of file\n' : ''}`,
  );
  return `@@ ${where} @@${hunk.section}\n${lines.join('')}`;
}

function partText({ method, sizeBytes, data }: BinaryPart): ByteText {
  return `${method} ${sizeBytes}\n${data.map((line) => `${line}\n`).join('')}\n`;
}

function nameLine(mark: '---' | '+++', side: 'a' | 'b', path: string | null): ByteText {
  if (path === null) return `${mark} /dev/null\n`;
  const name = quote(`${side}/${encodeName(path)}`);
  // A tab ends a name with a blank, as git writes it: else what follows the blank could be a date.
  return `${mark} ${name}${name.includes(' ') && !name.startsWith('"') ? '\t' : ''}\n`;
}

function headerLines(file: PatchFile): ByteText[] {
  const { kind, oldPath, newPath, oldMode, newMode } = file;
  const lines: ByteText[] = [];
  if (kind === 'create') lines.push(`new file mode ${newMode ?? '100644'}\n`);
  else if (kind === 'delete') lines.push(`deleted file mode ${oldMode ?? '100644'}\n`);
  else if (oldMode !== undefined && newMode !== undefined) lines.push(`old mode ${oldMode}\n`, `new mode ${newMode}\n`);
  if ((kind === 'rename' || kind === 'copy') && oldPath !== null && newPath !== null) {
    lines.push(`${kind} from ${quote(encodeName(oldPath))}\n`, `${kind} to ${quote(encodeName(newPath))}\n`);
  }
  if (file.binary !== undefined) lines.push(`index ${file.binary.oldOid}..${file.binary.newOid}\n`);
  return lines;
}

function fileText(file: PatchFile): ByteText {
  const { oldPath, newPath, hunks, binary } = file;
  const left = quote(`a/${encodeName(oldPath ?? newPath ?? '')}`);
  const right = quote(`b/${encodeName(newPath ?? oldPath ?? '')}`);
  const parts = [`diff --git ${left} ${right}\n`, ...headerLines(file)];
  if (binary !== undefined) {
    parts.push('GIT binary patch\n', partText(binary.forward));
    if (binary.backward !== undefined) parts.push(partText(binary.backward));
  } else if (hunks.length > 0) {
    parts.push(nameLine('---', 'a', oldPath), nameLine('+++', 'b', newPath), ...hunks.map(hunkText));
  }
  return parts.join('');
}

/** Writes a patch in the one form that is given to git; parsing it answers the same files. */
export function renderPatch(files: readonly PatchFile[]): Uint8Array {
  return Buffer.from(files.map(fileText).join(''), 'latin1');
}
