import { tmpdir } from 'node:os';
import { type Account, canEnter } from './account.ts';

/** A temporary folder that the account can enter: the user's own TMPDIR may be private to root. */
export function reachableTemp(account: Account | undefined): string {
  return canEnter(tmpdir(), account) ? tmpdir() : '/tmp';
}
