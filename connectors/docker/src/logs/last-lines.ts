import { ConnectorError } from '@countersign/connector-kit';
import type { Container } from '../answers.ts';
import type { DockerClient } from '../client.ts';
import { readLines } from './lines.ts';
import { openLogs } from './open-logs.ts';

const lineCount = 20;
const maxLineBytes = 500;

/** The last lines of a container's log, each cut, for the detail of an error; a text that says why if there are none. */
export async function lastLines(client: DockerClient, container: Container, signal: AbortSignal): Promise<string[]> {
  try {
    const stream = await openLogs(client, container.id, { tail: lineCount, follow: false }, signal);
    const texts: string[] = [];
    try {
      for await (const lines of readLines(stream.chunks, { terminal: container.tty, maxLineBytes: 16 * 1024 })) {
        texts.push(...lines.map(({ text }) => text.slice(0, maxLineBytes)));
      }
    } finally {
      stream.close();
    }
    return texts.slice(-lineCount);
  } catch (cause) {
    // The failure that the lines were to explain matters more than that they cannot be read.
    const why = cause instanceof ConnectorError ? cause.message : 'the log broke off';
    return [`(no log: ${why})`];
  }
}
