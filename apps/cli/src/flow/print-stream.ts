import type { Context } from '../program/context.ts';
import { startSpinner } from '../terminal/spinner.ts';
import { printEvent } from './print-event.ts';

// Stored events come in one go; a pause this long means that all of them were read.
const caughtUpMs = 700;

/**
 * Prints the events of an operation, with `--json` as JSON lines `{id, event}`: those that are there, or with
 * `follow` until the end.
 */
export async function printStream(
  context: Context,
  opId: string,
  options: { follow: boolean; after?: number },
): Promise<void> {
  const { client, deps, print } = context;
  const stop = new AbortController();
  const spinner = startSpinner(deps.terminal.stderr, options.follow && !print.json);
  let idle: NodeJS.Timeout | undefined;
  const restart = () => {
    clearTimeout(idle);
    if (!options.follow) idle = setTimeout(() => stop.abort(), caughtUpMs);
  };
  try {
    restart();
    const after = options.after === undefined ? {} : { after: options.after };
    for await (const item of client.events(opId, { signal: stop.signal, ...after })) {
      restart();
      if (print.json) print.document(item);
      else printEvent(item.event, print, spinner);
    }
  } finally {
    clearTimeout(idle);
    spinner.stop();
  }
}
