import { waitUntil } from '@countersign/testing';
import type { Stage } from '../harness/describe-server.ts';
import { anchored, propose, runToEnd, writeFiles } from '../harness/flow.ts';

/** What the requests of the table are about: all of it in project shop, none of it moved by any of them. */
export interface Subjects {
  /** A change that ran and whose bundle is anchored. */
  readonly opId: string;
  readonly runId: string;
  readonly bundleId: string;
  /** A read that ran, with its output. */
  readonly readId: string;
  readonly artifactId: string;
  readonly replayId: string;
}

/** Ids of the same form that belong to nothing. */
export const missing: Subjects = {
  opId: '01890000-0000-7000-8000-000000000000',
  runId: 'r_01H00000000000000000000000',
  bundleId: '01890000-0000-7000-8000-000000000001',
  readId: '01890000-0000-7000-8000-000000000002',
  artifactId: '01890000-0000-7000-8000-000000000003',
  replayId: '01890000-0000-7000-8000-000000000004',
};

export async function makeSubjects({ alice, admin }: Stage): Promise<Subjects> {
  const proposed = await propose(alice.client, writeFiles('dev', { 'matrix.txt': 'one\n' }));
  const { op_id: opId, run, bundle_id: bundleId } = await runToEnd(alice.client, proposed);
  await anchored(alice.client, opId);
  const body = { action: 'repo.tree', target: 'shop-dev', inputs: {}, request_id: 'matrix-subject' };
  const read = await alice.client.call('actionExecute', { body });
  const [artifact] = read.artifacts;
  if (run === null || artifact === undefined) throw new Error('the subjects were not made');
  const replay = await admin.client.call('evidenceReplay', { params: { bundle_id: bundleId }, body: {} });
  await waitUntil('the replay has ended', async () => {
    const { status } = await admin.client.call('replayGet', { params: { replay_id: replay.replay_id } });
    return status !== 'running';
  });
  return {
    opId,
    bundleId,
    runId: run.run_id,
    readId: read.op_id,
    artifactId: artifact.artifact_id,
    replayId: replay.replay_id,
  };
}
