import { setTimeout as sleep } from 'node:timers/promises';

const diesWithinMs = 120_000;

/** Asks a server that shall die, once it listens, if it ever does: one that dies while it starts can be asked nothing. */
export async function askUntilDead(
  url: string,
  ask: () => Promise<unknown>,
  exited: Promise<unknown>,
  point: string,
): Promise<void> {
  let dead = false;
  const gone = exited.then(() => {
    dead = true;
  });
  const late = sleep(diesWithinMs, undefined, { ref: false }).then(() => {
    if (!dead) throw new Error(`${point}: the server goes on`);
  });
  const listens = (): Promise<boolean> =>
    fetch(`${url}/livez`).then(
      () => true,
      () => false,
    );
  const asked = async (): Promise<void> => {
    while (!dead && !(await listens())) await sleep(20);
    // A connection that breaks is how a server dies that was asked.
    if (!dead) await ask().catch(() => undefined);
  };
  await Promise.race([Promise.all([asked(), gone]), late]);
}
