import { randomUUID } from 'node:crypto';
import { liftPanic } from '../e2e/harness/lift-panic.ts';
import type { CrashTarget, People } from './installation.ts';
import type { Acknowledged } from './load.ts';
import { isRefused, untilAnswered } from './until-answered.ts';

function change(content: string): { action: string; inputs: Record<string, unknown> }[] {
  return [{ action: 'repo.write_files', inputs: { files: [{ path: 'house.txt', content }], message: 'never runs' } }];
}

/** An operation that is edited, planned again and withdrawn, and has no effect. */
async function changeOfMind(people: () => People, target: CrashTarget, acknowledged: Acknowledged): Promise<void> {
  const requestId = randomUUID();
  const body = { target: target.name, steps: change('first\n'), start: 'manual', request_id: requestId } as const;
  const ask = () => people().requester.call('opsPlan', { body, preferWaitSeconds: 0 });
  const { op_id: opId } = await untilAnswered(ask);
  acknowledged.proposals.push({ requestId, opId });
  const params = { op_id: opId };
  const edit = { steps: change('second\n') };
  await untilAnswered(() => people().requester.call('opsEdit', { params, body: edit, preferWaitSeconds: 0 }));
  await untilAnswered(() => people().requester.call('opsReplan', { params, body: {}, preferWaitSeconds: 0 }));
  try {
    await untilAnswered(() => people().requester.call('opsCancel', { params, body: {} }));
  } catch (error) {
    if (!isRefused(error, 'E_STATE')) throw error;
  }
  acknowledged.cancels.push(opId);
}

async function read(people: () => People, target: CrashTarget, acknowledged: Acknowledged): Promise<void> {
  const requestId = randomUUID();
  const body = { target: target.name, action: 'repo.tree', inputs: {}, request_id: requestId, wait_ms: 0 };
  const { op_id: opId } = await untilAnswered(() => people().requester.call('actionExecute', { body }));
  acknowledged.proposals.push({ requestId, opId });
}

async function tokens(people: () => People, acknowledged: Acknowledged): Promise<void> {
  const body = { name: `guest-${randomUUID()}`, kind: 'person', role: 'viewer' } as const;
  const { token_id: id } = await untilAnswered(() => people().admin.call('tokenCreate', { body }));
  acknowledged.tokens.set(id, 'made');
  await untilAnswered(() => people().admin.call('tokenRevoke', { params: { token_id: id } }));
  acknowledged.tokens.set(id, 'revoked');
}

async function panic(people: () => People): Promise<void> {
  await untilAnswered(() => people().admin.call('panicSet', { body: { on: true, reason: 'the load tries it' } }));
  await untilAnswered(() => liftPanic(people().admin, 'the load tried it'));
}

interface House {
  readonly people: () => People;
  readonly target: CrashTarget;
  readonly acknowledged: Acknowledged;
}

interface Chore {
  /** The crash points that only this chore comes by, or it more often than any other work. */
  readonly points: RegExp;
  readonly work: (house: House) => Promise<unknown>;
}

const chores: readonly Chore[] = [
  { points: /^(edit|replan|cancel):/, work: (house) => changeOfMind(house.people, house.target, house.acknowledged) },
  { points: /^(read|read-done):/, work: (house) => read(house.people, house.target, house.acknowledged) },
  { points: /^(token|revoke):/, work: (house) => tokens(house.people, house.acknowledged) },
  {
    points: /^validation:/,
    work: ({ people }) => untilAnswered(() => people().requester.call('validateRun', { body: { scope: 'workspace' } })),
  },
  { points: /^panic:/, work: ({ people }) => panic(people) },
];

/**
 * Everything that is no run: edits, reads, tokens, validation, a short panic. Does the chore that comes by the point
 * somebody waits for; while none does, one after the other.
 */
export async function keepHouse(house: House, number: number, awaited: string | null): Promise<void> {
  const fitting = chores.find(({ points }) => awaited !== null && points.test(awaited));
  await (fitting ?? chores[number % chores.length])?.work(house);
}
