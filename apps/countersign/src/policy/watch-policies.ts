import { type FSWatcher, watch } from 'node:fs';

const settleMs = 100;
const lookEveryMs = 2000;

/**
 * Calls `look` soon after something in a folder changed, and every two seconds in any case: not every file system tells of
 * changes. Calls follow each other; one that fails is told of and the next comes all the same.
 */
export function watchPolicies(
  folder: string,
  look: () => Promise<void>,
  onError: (error: unknown) => void,
): { stop(): Promise<void> } {
  let running: Promise<void> = Promise.resolve();
  let settle: NodeJS.Timeout | null = null;
  const lookNow = (): void => {
    running = running.then(look).catch(onError);
  };
  const lookSoon = (): void => {
    settle ??= setTimeout(() => {
      settle = null;
      lookNow();
    }, settleMs);
  };
  let watcher: FSWatcher | null = null;
  try {
    watcher = watch(folder, { persistent: false }, lookSoon);
    watcher.on('error', onError);
  } catch (error) {
    onError(error);
  }
  const poll = setInterval(lookNow, lookEveryMs);
  return {
    async stop() {
      clearInterval(poll);
      if (settle !== null) clearTimeout(settle);
      watcher?.close();
      await running;
    },
  };
}
