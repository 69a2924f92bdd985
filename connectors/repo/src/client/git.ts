import { ConnectorError, type Exec, type ExecResult, interruption } from '@countersign/connector-kit';
import { gitFailure, refused } from '../errors.ts';

/** One git command. */
export interface GitCall {
  /** Completes "git could not …". */
  readonly what: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: Uint8Array | string;
  /** Left out where the command must not be broken off half way. */
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  /** Exit codes that are answers; default only 0. */
  readonly accept?: readonly number[];
  /** Whether output over `maxBytes` is answered cut instead of refused. */
  readonly mayTruncate?: boolean;
}

export interface GitAnswer {
  readonly code: number;
  readonly stdout: Uint8Array;
  readonly text: string;
  readonly stderr: string;
  readonly truncated: boolean;
}

const defaultTimeoutMs = 60_000;
const defaultMaxBytes = 64 * 1024 * 1024;

// Settings of the target's repository that could run a program, reach a network or rewrite bytes are overridden here.
const settings: readonly string[] = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.sshCommand=false',
  'core.attributesFile=/dev/null',
  'core.excludesFile=/dev/null',
  'core.autocrlf=false',
  'core.safecrlf=false',
  'core.quotePath=false',
  'core.protectNTFS=true',
  'core.protectHFS=true',
  'core.filesRefLockTimeout=5000',
  'credential.helper=',
  'protocol.allow=never',
  'submodule.recurse=false',
  'log.showSignature=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'i18n.commitEncoding=UTF-8',
  'i18n.logOutputEncoding=UTF-8',
];

const environment: Readonly<Record<string, string>> = {
  HOME: '/nonexistent',
  XDG_CONFIG_HOME: '/nonexistent',
  LC_ALL: 'C',
  TZ: 'UTC',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: '/bin/false',
  GIT_PAGER: 'cat',
  GIT_EDITOR: '/bin/false',
  // Looking must not refresh the target's index.
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_NO_LAZY_FETCH: '1',
  // Wins over every `protocol.<name>.allow` of the repository; no protocol has this name.
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_LITERAL_PATHSPECS: '1',
};

/** Runs git without a shell, without hooks, filters, pagers or a network. */
export async function runGit(exec: Exec, call: GitCall): Promise<GitAnswer> {
  if (call.signal?.aborted === true) throw interruption(call.signal, `the attempt to ${call.what}`, 'none');
  const globals = [...settings, `safe.directory=${call.cwd}`].flatMap((setting) => ['-c', setting]);
  const result = await exec.run({
    file: 'git',
    args: [...globals, ...call.args],
    cwd: call.cwd,
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', ...environment, ...call.env },
    timeoutMs: call.timeoutMs ?? defaultTimeoutMs,
    maxBytes: call.maxBytes ?? defaultMaxBytes,
    ...(call.stdin === undefined ? {} : { stdin: Buffer.from(call.stdin) }),
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  });
  return answer(call, result);
}

function answer(call: GitCall, result: ExecResult): GitAnswer {
  const stderr = Buffer.from(result.stderr).toString('utf8');
  if (call.signal?.aborted === true) throw interruption(call.signal, `the attempt to ${call.what}`, 'none');
  if (result.timedOut) {
    throw new ConnectorError('E_TIMEOUT', `git took too long to ${call.what}`, { effect: 'none' });
  }
  if (result.truncated && call.mayTruncate !== true) throw refused(`git answers too much to ${call.what}`);
  const code = result.truncated ? 0 : result.code;
  if (code === null || !(call.accept ?? [0]).includes(code)) throw gitFailure(call.what, code, stderr);
  const text = Buffer.from(result.stdout).toString('utf8');
  return { code, stdout: result.stdout, text, stderr, truncated: result.truncated };
}
