import { advanceCheckpoint, type EngineContext } from '@countersign/engine';
import { CodedError } from '@countersign/protocol';
import { ok } from '../http/handler.ts';
import type { Handlers } from './handlers.ts';

/** Handlers of the audit log. */
export function auditRoutes(context: EngineContext): Pick<Handlers, 'audit' | 'auditLeaves' | 'checkpoint'> {
  return {
    async audit({ query }) {
      const { actor, event, subject, outcome, from, until, after, limit } = query;
      const { entries, treeSize } = await context.store.read(async (reads) => ({
        entries: await reads.audit.query({
          limit,
          ...(actor === undefined ? {} : { actor }),
          ...(event === undefined ? {} : { event }),
          ...(subject === undefined ? {} : { subjectId: subject }),
          ...(outcome === undefined ? {} : { outcome }),
          ...(from === undefined ? {} : { fromAt: from }),
          ...(until === undefined ? {} : { untilAt: until }),
          ...(after === undefined ? {} : { afterIndex: after }),
        }),
        treeSize: (await reads.audit.size()).treeSize,
      }));
      return ok({
        entries: entries.map((entry) => ({ ...entry.body, leaf_index: entry.leafIndex })),
        tree_size: treeSize,
      });
    },
    async auditLeaves({ query }) {
      const { from, limit } = query;
      const { entries, treeSize } = await context.store.read(async (reads) => ({
        entries: await reads.audit.query({ afterIndex: from - 1, limit }),
        treeSize: (await reads.audit.size()).treeSize,
      }));
      const leaves = entries.flatMap((entry) =>
        entry.leafIndex === null ? [] : [{ leaf_index: entry.leafIndex, text: entry.text }],
      );
      return ok({ leaves, tree_size: treeSize });
    },
    async checkpoint() {
      const newest = await advanceCheckpoint(context);
      if (newest === null)
        throw new CodedError('E_NOT_FOUND', 'the log is empty: there is no checkpoint yet', {
          next: 'ask again in a second',
        });
      return ok({ tree_size: newest.treeSize, root_hash: newest.rootHash, at: newest.at, note: newest.note });
    },
  };
}
