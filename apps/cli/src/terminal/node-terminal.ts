import { createInterface } from 'node:readline/promises';
import type { Output, Terminal } from './terminal.ts';

function outputOf(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => {
      if (!stream.destroyed) stream.write(text);
    },
    isTty: stream.isTTY === true,
    columns: stream.columns ?? 80,
  };
}

/** A reader that goes away (`| head`) ends the command quietly instead of crashing it. */
function survivePipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
      // 141 = 128 + SIGPIPE, what a shell reports for a program that a closed pipe ended.
      if (stream === process.stdout) process.exit(process.exitCode ?? 141);
    });
  }
}

async function readAll(): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function ask(question: string, signal?: AbortSignal): Promise<string | null> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new Promise<null>((resolve) => {
    lines.once('close', () => resolve(null));
    lines.once('SIGINT', () => lines.close());
    signal?.addEventListener('abort', () => lines.close(), { once: true });
  });
  try {
    const answer = await Promise.race([lines.question(question), closed]);
    if (answer === null) process.stderr.write('\n');
    return answer;
  } finally {
    lines.close();
  }
}

/** The terminal of this process. */
export function nodeTerminal(): Terminal {
  survivePipes();
  return {
    stdout: outputOf(process.stdout),
    stderr: outputOf(process.stderr),
    stdin: { isTty: process.stdin.isTTY === true, readAll },
    ask,
    onInterrupt: (handler) => {
      process.on('SIGINT', handler);
      return () => process.off('SIGINT', handler);
    },
  };
}
