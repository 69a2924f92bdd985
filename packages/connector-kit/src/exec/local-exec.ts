import { spawn } from 'node:child_process';
import { ConnectorError } from '../connector/connector-error.ts';
import { Capture } from './capture.ts';
import type { Exec, ExecRequest, ExecResult } from './exec.ts';

/** How long a program that was asked to end may take. */
const graceMs = 1000;

function start(request: ExecRequest): Promise<ExecResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(request.file, request.args, {
      cwd: request.cwd,
      env: { ...request.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      shell: false,
      windowsHide: true,
    });
    const stdout = new Capture(request.maxBytes);
    const stderr = new Capture(request.maxBytes);
    let timedOut = false;
    let late: NodeJS.Timeout | null = null;
    // A program that is asked can take its locks away first: git would leave index.lock behind.
    const kill = (): void => {
      child.kill('SIGTERM');
      late ??= setTimeout(() => child.kill('SIGKILL'), graceMs);
    };
    const timer = setTimeout(() => {
      timedOut = true;
      kill();
    }, request.timeoutMs);
    request.signal?.addEventListener('abort', kill, { once: true });
    child.stdout.on('data', (chunk: Buffer) => {
      stdout.add(chunk);
      request.onStdout?.(chunk);
      if (stdout.truncated) kill();
    });
    child.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
    child.on('error', (cause) => {
      clearTimeout(timer);
      reject(
        new ConnectorError('E_TARGET_UNREACHABLE', `cannot start ${request.file}: is it installed and on PATH?`, {
          effect: 'none',
          cause,
        }),
      );
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (late !== null) clearTimeout(late);
      request.signal?.removeEventListener('abort', kill);
      resolve({
        code,
        signal,
        stdout: stdout.bytes(),
        stderr: stderr.bytes(),
        timedOut,
        truncated: stdout.truncated || stderr.truncated,
      });
    });
    // A child that exits early closes its stdin: the exit code tells, not EPIPE.
    child.stdin.on('error', () => undefined);
    child.stdin.end(request.stdin ?? new Uint8Array());
  });
}

/** Runs programs on this machine. */
export const localExec: Exec = {
  async run(request) {
    if (request.signal?.aborted === true) {
      throw new ConnectorError('E_CANCELLED', `${request.file} was not started: the work was cancelled`, {
        effect: 'none',
      });
    }
    return await start(request);
  },
};
