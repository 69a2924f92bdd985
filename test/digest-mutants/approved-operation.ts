import type { PlannedContent } from '@countersign/protocol';
import { claim } from '../../packages/engine/src/fixture/do-work.ts';
import { giveDecision } from '../../packages/engine/src/fixture/give-decision.ts';
import { callerOf } from '../../packages/engine/src/fixture/people.ts';
import type { Session } from '../../packages/engine/src/fixture/session.ts';
import { proposeOperation } from '../../packages/engine/src/operation/propose-operation.ts';
import { readOperation } from '../../packages/engine/src/operation/read-operation.ts';
import { workerPort } from '../../packages/engine/src/worker/in-process-port.ts';

const fingerprint = `sha256:${'5a'.repeat(32)}`;

/** Every field that a plan can have, with text that has other spellings. */
const content: PlannedContent = {
  identity: 'fake:Åsa/repo-1',
  preconditions: [
    { resource: 'refs/heads/main', kind: 'ref', fingerprint, observed: { commit: 'c0ffee', size: 12, dirty: false } },
    { resource: 'café.txt', kind: 'blob', fingerprint, observed: { mode: '100644', notes: [] } },
  ],
  diffs: [
    { step: 0, path: 'a/one.txt', summary: 'one line', patch: '--- a/one\n+++ b/one\n@@ -1 +1 @@\n-é\n+e\n' },
    { step: 1, path: 'b/two.txt', summary: '', patch: '+x\r\n' },
  ],
  checks: [
    { id: 'fake.fits', status: 'pass', severity: 'error', message: 'fits', file: 'one.txt', line: 3 },
    { id: 'fake.size', status: 'warn', severity: 'warning', message: 'is large' },
  ],
  rollback: {
    possible: true,
    summary: 'back',
    steps: [
      { action: 'fake.set', inputs: { value: 'former two' }, undoes: 1 },
      { action: 'fake.set', inputs: { value: 'former one' }, undoes: 0 },
    ],
  },
  volatile: [],
};

/** Proposes two steps on the production target and plans them; nobody has approved them yet. */
export async function plannedForProduction(session: Session): Promise<{ opId: string; digest: string }> {
  const target = session.targets.find(({ tier }) => tier === 'prod')?.name ?? '';
  const proposed = await proposeOperation(session.context, callerOf('ada'), {
    selector: { target },
    steps: [
      { action: 'fake.set', inputs: { value: 'Zażółć ﬁve' } },
      { action: 'fake.set', inputs: { value: 'n-1', password: 'correct horse battery' } },
    ],
    start: 'manual',
    note: 'a note',
    plannedBy: null,
    origin: 'api',
    rollbackOf: null,
    idempotency: null,
  });
  if (!proposed.ok) throw new Error(proposed.message);
  const job = await claim(session, 'plan');
  if (job === null) throw new Error('there is no plan to make');
  await workerPort(session.context).complete(session.fenceOf(job), { kind: 'plan', result: content });
  const { plan } = await session.rows(proposed.value);
  if (plan?.digest == null) throw new Error('nothing was planned');
  return { opId: proposed.value, digest: plan.digest };
}

/** Reads the plan and gives every decision that policy wants, as the people who may. */
export async function approve(session: Session, opId: string, digest: string): Promise<void> {
  const { context } = session;
  for (const [who, kind] of [
    ['ada', 'confirm'],
    ['bob', 'approve'],
    ['carol', 'approve'],
  ] as const) {
    if ((await session.rows(opId)).operation.verdict?.decision === 'allow') return;
    await readOperation(context, callerOf(who), opId);
    const decided = await giveDecision(context, callerOf(who), { opId, kind, digest, comment: 'looks right' });
    if (!decided.ok) throw new Error(decided.message);
  }
  const { operation } = await session.rows(opId);
  if (operation.verdict?.decision !== 'allow') throw new Error(`not approved: ${operation.verdict?.reason}`);
}
