import type { Operation, Store, Unit } from '@countersign/kernel';
import type { TargetRef } from '@countersign/protocol';
import { expect, it } from 'vitest';
import type { EngineContext } from '../context/context.ts';
import { callerOf, type PersonName } from '../fixture/people.ts';
import { withSession } from '../fixture/with-session.ts';
import { cancelOperation } from '../run/cancel-operation.ts';
import { listApproved, listDrafts } from './list-drafts.ts';
import { createDraft } from './write-draft.ts';

const target: TargetRef = { name: 'agent', project: 'project-1', environment: 'dev', tier: 'dev', connector: 'agent' };
const many = 120;

/** A store that counts the operations that its lists hand out. */
function countingLists(inner: Store): { store: Store; handed(): number } {
  let handed = 0;
  const counted = async (list: () => Promise<Operation[]>): Promise<Operation[]> => {
    const found = await list();
    handed += found.length;
    return found;
  };
  return {
    handed: () => handed,
    store: {
      dialect: inner.dialect,
      write: (unit: (open: Unit) => Promise<never>) => inner.write(unit),
      read: (query) =>
        inner.read((reads) => {
          const { operations } = reads;
          return query({
            ...reads,
            operations: {
              get: (id) => operations.get(id),
              list: (filter) => counted(() => operations.list(filter)),
              listIds: (filter) => operations.listIds(filter),
              rollbackOf: (id) => operations.rollbackOf(id),
              open: () => operations.open(),
            },
          });
        }),
      ping: () => inner.ping(),
      close: () => inner.close(),
    },
  };
}

async function draft(context: EngineContext, who: PersonName, prompt: string): Promise<string> {
  const made = await createDraft(context, callerOf(who), { prompt });
  if (!made.ok) throw new Error(made.message);
  return made.value;
}

it('what was rejected lately is found without reading what was closed before (OR-4)', async () => {
  await withSession(async (session) => {
    const context = { ...session.context, targets: [...session.targets, target] };
    const withdraw = async (prompt: string): Promise<string> => {
      const id = await draft(context, 'ada', prompt);
      await cancelOperation(context, callerOf('ada'), id, '');
      return id;
    };
    const lately = await draft(context, 'ada', 'waits long');
    for (let index = 0; index < many; index += 1) await withdraw(`old ${index}`);
    session.bench.clock.advance(context.settings.listedMs);
    await cancelOperation(context, callerOf('ada'), lately, '');
    const last = await withdraw('new');
    const { store, handed } = countingLists(context.store);
    const found = await listDrafts({ ...context, store }, callerOf('ada'), 'rejected', { before: undefined, limit: 5 });
    expect(found.map(({ op_id }) => op_id)).toEqual([last, lately]);
    expect(handed()).toBe(2);
  });
});

it('what was approved is found without reading what waits for somebody (OR-1)', async () => {
  await withSession(async (session) => {
    const context = { ...session.context, targets: [...session.targets, target] };
    const ready = await draft(context, 'ada', 'ready');
    for (let index = 0; index < many; index += 1) await draft(context, 'adasBot', `waits ${index}`);
    const { store, handed } = countingLists(context.store);
    const found = await listApproved({ ...context, store }, callerOf('ada'), { before: undefined, limit: 5 });
    expect(found.map(({ op_id }) => op_id)).toEqual([ready]);
    expect(handed()).toBe(1);
  });
});
