import { ConnectorError, type ExecRequest } from '@countersign/connector-kit';
import { tellingPid } from './pid-line.ts';

/** Characters that no shell reads as anything else, wherever they stand but at the beginning of a `-` argument. */
const plain = /^[A-Za-z0-9_./:@+,-]+$/;

/**
 * One argument as a word of a command line. Read back equal by sh, dash, bash, ksh, zsh, busybox and fish: single quotes
 * around all but `'` and `\`, which stand in double quotes because fish reads a backslash between single quotes.
 */
export function quoteWord(word: string): string {
  if (plain.test(word)) return word;
  const pieces = word.split(/(['\\])/).filter((piece) => piece !== '');
  if (pieces.length === 0) return "''";
  return pieces.map((piece) => (piece === "'" ? `"'"` : piece === '\\' ? '"\\\\"' : `'${piece}'`)).join('');
}

/** The parts of a request that a command line says. */
type CommandParts = Pick<ExecRequest, 'file' | 'args' | 'env' | 'cwd' | 'stdin'>;

function refused(field: string, why: string): ConnectorError {
  return new ConnectorError('E_VALIDATION', `${field} ${why}`, { effect: 'none', detail: { field } });
}

function requireWord(field: string, word: string): void {
  if (word.includes('\0')) throw refused(field, 'holds a zero byte, which no argument can');
}

/**
 * The one command line that SSH carries, made of typed arguments:
 * `[cd -- DIR && ]exec SHELL env -i NAME=VALUE … FILE ARG …[ </dev/null]`, where SHELL is `tellingPid`.
 * The remote login shell replaces itself by the program, whose environment is the request's alone.
 *
 * @throws ConnectorError E_VALIDATION (effect none) that names the field: a zero byte, a program named like an option or
 * an assignment, a variable that is none, a relative `cwd`.
 */
export function commandLine({ file, args, env, cwd, stdin }: CommandParts): string {
  if (file === '' || file.startsWith('-') || file.includes('='))
    throw refused('file', 'is no program that env can start');
  requireWord('file', file);
  for (const [index, each] of args.entries()) requireWord(`args[${index}]`, each);
  const assignments = Object.entries(env).map(([name, value]) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw refused(`env ${JSON.stringify(name)}`, 'is no variable name');
    requireWord(`env ${name}`, value);
    return `${name}=${value}`;
  });
  const words = ['exec', ...[...tellingPid, 'env', '-i', ...assignments, file, ...args].map(quoteWord)];
  const program = [...words, ...(stdin === undefined ? ['</dev/null'] : [])].join(' ');
  if (cwd === undefined) return program;
  if (!cwd.startsWith('/')) throw refused('cwd', 'must be an absolute path');
  requireWord('cwd', cwd);
  return `cd -- ${quoteWord(cwd)} && ${program}`;
}
