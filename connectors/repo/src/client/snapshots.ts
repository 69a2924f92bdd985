import { ConnectorError } from '@countersign/connector-kit';
import { inRepository, type Repository } from './repository.ts';

/** Where the commits before changes are kept. */
export const snapshotFolder = 'refs/countersign/snapshots';

const timeoutMs = 15_000;

/**
 * Lets go of all but the newest snapshot refs. Their names begin with time-ordered keys, so the order of names is that of
 * their making. What another git process holds stays until the next time; a change that stands does not fail over it.
 */
export async function dropOldSnapshots(repository: Repository, keep: number): Promise<void> {
  try {
    const { text } = await inRepository(repository, {
      what: 'list the snapshots',
      args: ['for-each-ref', '--sort=-refname', '--format=%(refname)%00%(objectname)', '--', `${snapshotFolder}/`],
      timeoutMs,
    });
    const old = text
      .split('\n')
      .filter((line) => line !== '')
      .slice(keep);
    if (old.length === 0) return;
    const lines = old.map((line) => `delete ${line}\0`);
    await inRepository(repository, {
      what: 'drop old snapshots',
      args: ['update-ref', '--stdin', '-z'],
      stdin: lines.join(''),
      timeoutMs,
      accept: [0, 1, 128],
    });
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
  }
}
