import { setImmediate as turn } from 'node:timers/promises';
import type { Store } from '@countersign/kernel';

/**
 * One unit or read at a time, in the order of asking. Whoever was answered goes on as far as it can before the next
 * begins, so that two databases are asked the same things in the same order, however fast each of them is.
 */
export function serialStore(inner: Store, before: () => Promise<void>): Store {
  let last: Promise<unknown> = Promise.resolve();
  const inLine = <T>(work: () => Promise<T>): Promise<T> => {
    const answer = last.then(async () => {
      await before();
      return await work();
    });
    last = answer.then(
      () => turn(),
      () => turn(),
    );
    return answer;
  };
  return {
    dialect: inner.dialect,
    write: (unit) => inLine(() => inner.write(unit)),
    read: (query) => inLine(() => inner.read(query)),
    ping: () => inLine(() => inner.ping()),
    close: () => inner.close(),
  };
}
