import type { CallRequest } from '@countersign/client';
import type { AuditEntryView } from '@countersign/protocol';
import { waitUntil } from '@countersign/testing';
import type { TestServer } from './open-server.ts';

/** Audit entries once every entry has its place in the log: on Postgres the sequencer gives it a moment after the commit. */
export async function auditEntries(
  { admin }: Pick<TestServer, 'admin'>,
  query: NonNullable<CallRequest<'audit'>['query']>,
): Promise<AuditEntryView[]> {
  await waitUntil(
    'every audit entry has its place',
    async () => (await admin.client.call('health')).audit.unsequenced === 0,
  );
  return (await admin.client.call('audit', { query: { limit: 500, ...query } })).entries;
}
