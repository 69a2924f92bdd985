import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** A system account that a server may run as. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * The account Postgres runs as when the tests run as root, because Postgres refuses root: `postgres`, else `nobody`.
 * `undefined` when the tests run as an ordinary user.
 */
export function unprivilegedAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
  const account = ['postgres', 'nobody'].map((name) => accounts.find((row) => row.name === name)).find(Boolean);
  if (!account) throw new Error('Postgres refuses to run as root and /etc/passwd has neither postgres nor nobody.');
  return account;
}

/** Whether the account (undefined: the current user) can enter the folder and every folder above it. */
export function canEnter(folder: string, account: Account | undefined): boolean {
  if (!account) return true;
  const { mode, uid, gid } = statSync(folder);
  const execute = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
  const parent = dirname(folder);
  return (mode & execute) !== 0 && (parent === folder || canEnter(parent, account));
}
