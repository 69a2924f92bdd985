import type { GroupRequest } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { callerOf } from '../fixture/people.ts';
import type { Session } from '../fixture/session.ts';
import { withSession } from '../fixture/with-session.ts';
import { proposeGroup } from './propose-group.ts';

const ada = callerOf('ada');
const keys = ['0a0a0a0a-0000-4000-8000-000000000001', '0a0a0a0a-0000-4000-8000-000000000002'];

function groupOf(session: Session, count = 2, value = 'x'): GroupRequest {
  const target = session.targets[0]?.name ?? '';
  const actions = keys
    .slice(0, count)
    .map((request_id) => ({ request_id, action: 'fake.set', target, inputs: { value } }));
  return { actions };
}

it('actions that were taken before are answered as they stand, though nobody would take them now (IP-13)', async () => {
  await withSession(async (session) => {
    const made = await proposeGroup(session.context, ada, groupOf(session));
    if (!made.ok) throw new Error(made.message);
    // The target is gone since: whoever did not hear the answer asks again.
    const now = { ...session.context, targets: [] };
    expect(await proposeGroup(now, ada, groupOf(session))).toEqual(made);
    expect(await proposeGroup(now, ada, groupOf(session, 1))).toMatchObject({
      ok: true,
      value: { groupId: made.value.groupId, opIds: made.value.opIds.slice(0, 1) },
    });
    // To nobody else, and to no other request.
    expect(await proposeGroup(now, callerOf('bob'), groupOf(session))).toMatchObject({ ok: false });
    expect(await proposeGroup(now, ada, groupOf(session, 2, 'y'))).toMatchObject({
      ok: false,
      code: 'E_IDEMPOTENCY_CONFLICT',
      detail: { index: 0, field: '/actions/0/request_id' },
    });
  });
});

it('what is new beside what was taken before is admitted as ever, or none of it is taken (IP-4)', async () => {
  await withSession(async (session) => {
    const first = await proposeGroup(session.context, ada, groupOf(session, 1));
    if (!first.ok) throw new Error(first.message);
    const refused = await proposeGroup({ ...session.context, targets: [] }, ada, groupOf(session));
    expect(refused).toMatchObject({ ok: false, detail: { index: 1 } });
    const both = await proposeGroup(session.context, ada, groupOf(session));
    expect(both).toMatchObject({ ok: true, value: { groupId: first.value.groupId } });
    expect(both.ok ? both.value.opIds[0] : '').toBe(first.value.opIds[0]);
    const listed = await session.context.store.read((reads) => reads.operations.list({ limit: 10 }));
    expect(listed).toHaveLength(2);
  });
});
