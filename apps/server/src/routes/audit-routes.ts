import { Readable } from 'node:stream';
import {
  advanceCheckpoint,
  type EngineContext,
  exportFound,
  exportLog,
  proveConsistency,
  proveInclusion,
  queryLog,
  takesEverything,
} from '@countersign/engine';
import { CodedError } from '@countersign/protocol';
import { ok, unwrap } from '../http/handler.ts';
import type { Handlers } from './handlers.ts';

/** Handlers of the audit log. */
export function auditRoutes(
  context: EngineContext,
): Pick<Handlers, 'audit' | 'auditLeaves' | 'auditExport' | 'proofConsistency' | 'proofInclusion' | 'checkpoint'> {
  return {
    async audit({ query }) {
      return ok(await queryLog(context, query));
    },
    async auditLeaves({ query }) {
      const { from, limit } = query;
      const { texts, treeSize } = await context.store.read(async (reads) => ({
        texts: await reads.audit.leafTexts(from, from + limit),
        treeSize: (await reads.audit.size()).treeSize,
      }));
      const leaves = texts.map(({ leafIndex, text }) => ({ leaf_index: leafIndex, text }));
      return ok({ leaves, tree_size: treeSize });
    },
    async auditExport({ query, reply }) {
      reply.header('content-type', 'application/jsonl; charset=utf-8');
      const lines = takesEverything(query) ? exportLog(context, query.from, query.to) : exportFound(context, query);
      return ok(Readable.from(lines, { objectMode: false, highWaterMark: 1 << 20 }));
    },
    async proofConsistency({ query }) {
      return ok(unwrap(await proveConsistency(context, query.from, query.to)));
    },
    async proofInclusion({ query }) {
      return ok(unwrap(await proveInclusion(context, query.leaf, query.size)));
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
