import { type FSWatcher, watch } from 'node:fs';

/** For how long nothing is told before the files are looked at, and how far apart two looks must find the same. */
const quietMs = 100;
const apartMs = 500;
const lookEveryMs = 2000;

/** What is watched: `look` answers a key of the files as they are, `take` takes over those of a key. */
export interface WatchedFiles {
  look(): string;
  take(key: string): Promise<void>;
}

/**
 * Takes the files of a folder over once they were found the same twice, half a second apart: what somebody is still writing
 * does not count. Looks after the last word of the file system, and every two seconds in any case, since not every file system
 * says a word and a folder that was replaced says none. A look or a taking that fails is told of and tried again.
 */
export function watchFolder(
  folder: string,
  { look, take }: WatchedFiles,
  onError: (error: unknown) => void,
): { stop(): Promise<void> } {
  let running: Promise<void> = Promise.resolve();
  let taken: string | null = null;
  let found: { readonly key: string; readonly at: number } | null = null;
  const timers = { quiet: setTimeout(() => undefined), again: setTimeout(() => undefined) };

  const lookOnce = async (): Promise<void> => {
    const key = look();
    const now = performance.now();
    if (key === taken) {
      found = null;
    } else if (found?.key !== key) {
      found = { key, at: now };
      lookAgain(apartMs);
    } else if (now - found.at < apartMs) {
      lookAgain(apartMs - (now - found.at));
    } else {
      await take(key);
      taken = key;
      found = null;
    }
  };
  const lookNow = (): void => {
    running = running.then(lookOnce).catch(onError);
  };
  function lookAgain(inMs: number): void {
    clearTimeout(timers.again);
    timers.again = setTimeout(lookNow, Math.ceil(inMs));
  }
  const afterTheLast = (): void => {
    clearTimeout(timers.quiet);
    timers.quiet = setTimeout(lookNow, quietMs);
  };
  let watcher: FSWatcher | null = null;
  try {
    watcher = watch(folder, { persistent: false }, afterTheLast);
    watcher.on('error', onError);
  } catch (error) {
    onError(error);
  }
  const poll = setInterval(lookNow, lookEveryMs);
  return {
    async stop() {
      clearInterval(poll);
      watcher?.close();
      for (const timer of Object.values(timers)) clearTimeout(timer);
      await running;
      for (const timer of Object.values(timers)) clearTimeout(timer);
    },
  };
}
