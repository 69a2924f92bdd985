import type { OperationFilter, Reads } from '@countersign/kernel';
import { CodedError } from '@countersign/protocol';

const idsAtOnce = 200;

/** Whether the store found a row that the product never wrote: whoever goes through many passes it over and says so. */
export function isUnreadable(error: unknown): boolean {
  return error instanceof CodedError && error.code === 'E_INTERNAL';
}

/**
 * The ids of every operation that waits, newest first, page by page and without a look at the rows: one that cannot be read
 * stands in the way of none. `read` is a store's or a unit's.
 */
export async function* waitingOperations(
  read: (query: (reads: Reads) => Promise<string[]>) => Promise<string[]>,
  filter: Omit<OperationFilter, 'limit' | 'beforeId'>,
): AsyncGenerator<string> {
  let beforeId: string | undefined;
  for (;;) {
    const page = await read((reads) =>
      reads.operations.listIds({ ...filter, limit: idsAtOnce, ...(beforeId === undefined ? {} : { beforeId }) }),
    );
    yield* page;
    beforeId = page.at(-1);
    if (beforeId === undefined || page.length < idsAtOnce) return;
  }
}
