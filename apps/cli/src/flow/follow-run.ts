import { visible } from '@countersign/evidence';
import type { Context } from '../program/context.ts';
import { startSpinner } from '../terminal/spinner.ts';
import { printEvent } from './print-event.ts';

/** How following a run ended: at its end, in doubt about the effect, or because the person left. */
export type FollowEnd = 'ended' | 'in_doubt' | 'left';

// An unknown outcome is read again by the server with growing pauses; this is how long the command stays to see it.
const doubtMs = 30_000;

/**
 * Prints the events of an operation's run until it ends. Ctrl-C asks whether to cancel the run; a second one, or
 * nobody to ask, leaves it running.
 */
export async function followRun(context: Context, opId: string, after?: number): Promise<FollowEnd> {
  const { deps, client, print, interactive } = context;
  const stop = new AbortController();
  const spinner = startSpinner(deps.terminal.stderr, !print.json);
  let end: FollowEnd = 'ended';
  let doubt: NodeJS.Timeout | undefined;
  let interrupts = 0;
  const question = new AbortController();
  const leave = (how: FollowEnd) => {
    end = how;
    question.abort();
    stop.abort();
  };
  const askToCancel = async () => {
    spinner.clear();
    const answer = await deps.terminal.ask('Cancel the run? [y/N, Ctrl-C again leaves it running] ', question.signal);
    if (answer === null) return leave('left');
    if (!/^y(es)?$/i.test(answer.trim())) return;
    const { cancelRun } = await import('./cancel-run.ts');
    await cancelRun(context, opId).catch((error: unknown) => print.note(`not cancelled: ${visible(String(error))}`));
  };
  const release = deps.terminal.onInterrupt(() => {
    interrupts += 1;
    if (interrupts > 1 || !interactive) return leave('left');
    askToCancel()
      .catch(() => leave('left'))
      .finally(() => {
        interrupts = 0;
      });
  });
  try {
    spinner.say('waiting for the run');
    for await (const { event } of client.events(opId, { signal: stop.signal, ...(after !== undefined && { after }) })) {
      printEvent(event, print, spinner);
      if (event.type !== 'state' || event.subject !== 'run') continue;
      clearTimeout(doubt);
      if (event.state === 'outcome_unknown') doubt = setTimeout(leave, doubtMs, 'in_doubt');
    }
    return end;
  } finally {
    clearTimeout(doubt);
    question.abort();
    release();
    spinner.stop();
  }
}
