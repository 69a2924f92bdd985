import type { Context } from '../program/context.ts';
import { startSpinner } from '../terminal/spinner.ts';
import { printEvent } from './print-event.ts';

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
  const spinner = startSpinner(deps.terminal.stderr, options.follow && !print.json);
  try {
    for await (const item of client.events(opId, options)) {
      if (print.json) print.document(item);
      else printEvent(item.event, print, spinner);
    }
  } finally {
    spinner.stop();
  }
}
