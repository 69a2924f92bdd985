import type { BinaryPart } from './patch.ts';
import type { PatchLines } from './patch-lines.ts';

const digits = /^[0-9A-Za-z!#$%&()*+;<=>?@^_`{|}~-]*$/;

/** How many bytes a line of git's base 85 holds, by its first letter. */
function lengthOf(letter: string): number {
  if (/[A-Z]/.test(letter)) return letter.charCodeAt(0) - 64;
  return /[a-z]/.test(letter) ? letter.charCodeAt(0) - 70 : 0;
}

function parsePart(lines: PatchLines): BinaryPart {
  const found = /^(literal|delta) (\d{1,10})$/.exec(lines.take());
  if (found === null) throw lines.problem('the binary patch says neither "literal" nor "delta" with a size', 1);
  const data: string[] = [];
  for (let line = lines.take(); line !== ''; line = lines.take()) {
    const sizeBytes = lengthOf(line.charAt(0));
    const body = line.slice(1);
    if (sizeBytes === 0 || body.length !== Math.ceil(sizeBytes / 4) * 5 || !digits.test(body)) {
      throw lines.problem('the line is no line of a binary patch', 1);
    }
    data.push(line);
    // The last line of a patch may stand without the blank one that ends it.
    if (lines.peek() === undefined) break;
  }
  if (data.length === 0) throw lines.problem('the binary patch is empty', 1);
  return { method: found[1] === 'delta' ? 'delta' : 'literal', sizeBytes: Number(found[2]), data };
}

/** What follows `GIT binary patch`: the way there, and the way back where the patch has it. */
export function parseBinary(lines: PatchLines): { forward: BinaryPart; backward: BinaryPart | undefined } {
  const forward = parsePart(lines);
  const more = /^(?:literal|delta) /.test(lines.peek() ?? '');
  return { forward, backward: more ? parsePart(lines) : undefined };
}
