import { ConnectorError } from '@countersign/connector-kit';
import type { Driver } from '../driver/driver.ts';
import type { Host } from '../host/host.ts';
import type { Service } from '../service.ts';
import { readLines } from './read-lines.ts';

const lineCount = 20;
const maxLineCharacters = 500;
const timeoutMs = 10_000;

/** The last lines of a service's log, each cut, for the detail of an error; a text that says why if there are none. */
export async function lastLines(host: Host, driver: Driver, service: Service, signal: AbortSignal): Promise<string[]> {
  try {
    const program = driver.log(service, { tail: lineCount, sinceSeconds: undefined, follow: false });
    const bounds = { signal, timeoutMs, maxBytes: 64 * 1024 };
    let texts: string[] = [];
    for await (const lines of readLines(host, program, bounds)) {
      texts = [...texts, ...lines.map((line) => line.text.slice(0, maxLineCharacters))].slice(-lineCount);
    }
    return texts;
  } catch (cause) {
    // The failure that the lines were to explain matters more than that they cannot be read.
    const why = cause instanceof ConnectorError ? cause.message : 'the log broke off';
    return [`(no log: ${why})`];
  }
}
