import type { ByteText } from './patch.ts';
import type { PatchLines } from './patch-lines.ts';
import { decodeName, unquote } from './quoted-path.ts';

/** Two names of a file; null stands for `/dev/null`. */
interface Names {
  readonly oldPath: string | null;
  readonly newPath: string | null;
}

/** What stands above the hunks of a file. */
export interface GitHeader {
  /** From the `diff --git` line, where its two names are one. */
  readonly both: string | undefined;
  readonly marked: Names | undefined;
  readonly moved: Names | undefined;
  readonly renames: boolean;
  readonly copies: boolean;
  readonly creates: boolean;
  readonly deletes: boolean;
  readonly oldMode: string | undefined;
  readonly newMode: string | undefined;
  readonly oldOid: string | undefined;
  readonly newOid: string | undefined;
}

function decoded(lines: PatchLines, name: ByteText): string {
  const text = decodeName(name);
  if (text === undefined) throw lines.problem('the name of the file is not UTF-8', 1);
  return text;
}

/** Takes the first folder away: `a/`, `b/` or another. */
function stripped(name: ByteText): ByteText | undefined {
  const slash = name.indexOf('/');
  return slash <= 0 || slash === name.length - 1 ? undefined : name.slice(slash + 1);
}

/** Two paths of 4 KiB, which no file system exceeds, with a folder before each and a blank between. */
const longestNames = 8300;

/** The name that both sides of a `diff --git` line have; undefined where they differ or cannot be told apart. */
function nameOfBoth(text: ByteText): ByteText | undefined {
  const first = unquote(text);
  if (first !== undefined || text.endsWith('"')) {
    const right = first === undefined ? text.slice(text.indexOf(' "') + 1) : first.rest.slice(1);
    const left = first === undefined ? text.slice(0, text.indexOf(' "')) : first.name;
    const second = unquote(right)?.name ?? right;
    const name = stripped(left);
    return name !== undefined && name === stripped(second) ? name : undefined;
  }
  // Every blank may be the one between the names: of a line longer than any two paths nothing is tried.
  if (text.length > longestNames) return undefined;
  const found = new Set<ByteText>();
  for (let at = text.indexOf(' '); at !== -1; at = text.indexOf(' ', at + 1)) {
    const name = stripped(text.slice(0, at));
    if (name !== undefined && name === stripped(text.slice(at + 1))) found.add(name);
  }
  return found.size === 1 ? [...found][0] : undefined;
}

/** The name in a `---` or `+++` line; what follows a tab is a date. */
function markedName(lines: PatchLines, text: ByteText): string | null {
  const quoted = unquote(text);
  const name = quoted?.name ?? text.split('\t')[0] ?? '';
  if (name === '/dev/null') return null;
  const path = stripped(name);
  if (path === undefined) throw lines.problem('the name of the file has no "a/" or "b/" in front', 1);
  return decoded(lines, path);
}

function movedName(lines: PatchLines, text: ByteText): string {
  return decoded(lines, unquote(text)?.name ?? text);
}

const extended =
  /^(old mode|new mode|new file mode|deleted file mode|rename from|rename to|copy from|copy to|similarity index|dissimilarity index|index) (.*)$/s;

function readExtended(lines: PatchLines): Map<string, string> {
  const fields = new Map<string, string>();
  for (;;) {
    const found = extended.exec(lines.peek() ?? '');
    if (found === null) return fields;
    const [, name = '', value = ''] = found;
    lines.take();
    if (value.endsWith('\r'))
      throw lines.problem('the header ends in a carriage return: send the patch as git wrote it', 1);
    if (fields.has(name)) throw lines.problem(`"${name}" stands twice`, 1);
    if (name.endsWith('mode') && !/^(?:100644|100755|120000|160000)$/.test(value)) {
      throw lines.problem(`${value.slice(0, 20)} is no mode of a file`, 1);
    }
    fields.set(name, value);
  }
}

function readMarked(lines: PatchLines): Names | undefined {
  if (lines.peek()?.startsWith('--- ') !== true || lines.peek(1)?.startsWith('+++ ') !== true) return undefined;
  const names: (string | null)[] = [];
  for (const _side of ['old', 'new']) {
    const line = lines.take();
    if (line.endsWith('\r'))
      throw lines.problem('the header ends in a carriage return: send the patch as git wrote it', 1);
    names.push(markedName(lines, line.slice(4)));
  }
  const [oldPath = null, newPath = null] = names;
  if (oldPath === null && newPath === null) throw lines.problem('the patch names no file', 1);
  return { oldPath, newPath };
}

function movedNames(lines: PatchLines, fields: Map<string, string>, what: 'rename' | 'copy'): Names | undefined {
  const [from, to] = [fields.get(`${what} from`), fields.get(`${what} to`)];
  if (from === undefined && to === undefined) return undefined;
  if (from === undefined || to === undefined) throw lines.problem(`"${what} from" and "${what} to" belong together`, 1);
  return { oldPath: movedName(lines, from), newPath: movedName(lines, to) };
}

/** Reads everything above a file's hunks or binary content. */
export function parseGitHeader(lines: PatchLines): GitHeader {
  const git = lines.peek()?.startsWith('diff --git ') === true;
  const first = git ? lines.take().slice('diff --git '.length) : '';
  const name = git ? nameOfBoth(first) : undefined;
  const both = name === undefined ? undefined : decoded(lines, name);
  const fields = git ? readExtended(lines) : new Map<string, string>();
  const [renamed, copied] = [movedNames(lines, fields, 'rename'), movedNames(lines, fields, 'copy')];
  if (renamed !== undefined && copied !== undefined) throw lines.problem('the file is both renamed and copied', 1);
  const [newFile, gone] = [fields.get('new file mode'), fields.get('deleted file mode')];
  if ([newFile, gone, renamed ?? copied].filter((each) => each !== undefined).length > 1) {
    throw lines.problem('the header says more than one of new, deleted, renamed and copied', 1);
  }
  const [oldMode, newMode] = [fields.get('old mode'), fields.get('new mode')];
  if (
    (oldMode === undefined) !== (newMode === undefined) ||
    (oldMode !== undefined && (newFile ?? gone) !== undefined)
  ) {
    throw lines.problem('"old mode" and "new mode" belong together, on a file that stays', 1);
  }
  const oids = /^([0-9a-f]{40}|[0-9a-f]{64})\.\.([0-9a-f]{40}|[0-9a-f]{64})(?: \d{6})?$/.exec(
    fields.get('index') ?? '',
  );
  return {
    both,
    moved: renamed ?? copied,
    renames: renamed !== undefined,
    copies: copied !== undefined,
    creates: newFile !== undefined,
    deletes: gone !== undefined,
    oldMode: gone ?? oldMode,
    newMode: newFile ?? newMode,
    oldOid: oids?.[1],
    newOid: oids?.[2],
    marked: readMarked(lines),
  };
}

function sameNames(a: Names, b: Names): boolean {
  return a.oldPath === b.oldPath && a.newPath === b.newPath;
}

/** The file's names, from whichever lines give them; lines that contradict each other are refused. */
export function namesOf(lines: PatchLines, header: GitHeader): Names {
  const { both, marked, moved, creates, deletes } = header;
  const given =
    moved ??
    marked ??
    (both === undefined ? undefined : { oldPath: creates ? null : both, newPath: deletes ? null : both });
  if (given === undefined) throw lines.problem('the header does not name the file', 1);
  const named = given.newPath ?? given.oldPath;
  const agrees =
    (marked === undefined || sameNames(marked, given)) &&
    (moved !== undefined || both === undefined || named === both) &&
    (!creates || given.oldPath === null) &&
    (!deletes || given.newPath === null);
  if (!agrees) throw lines.problem('the lines of the header name different files', 1);
  const stays = given.oldPath !== null && given.newPath !== null && moved === undefined;
  if (stays && given.oldPath !== given.newPath) {
    throw lines.problem('the two names differ and no line says "rename"', 1);
  }
  return given;
}
