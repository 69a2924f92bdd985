import { randomUUID } from 'node:crypto';
import type { CrashTarget, People } from './installation.ts';
import type { Acknowledged } from './load.ts';
import { isRefused, untilAnswered } from './until-answered.ts';

const panicEvery = 4;

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
  for (const on of [true, false])
    await untilAnswered(() => people().admin.call('panicSet', { body: { on, reason: 'the load tries it' } }));
}

/** One round of everything that is no run: edits, reads, tokens, validation, a short panic. */
export async function keepHouse(
  people: () => People,
  target: CrashTarget,
  acknowledged: Acknowledged,
  number: number,
): Promise<void> {
  await changeOfMind(people, target, acknowledged);
  await read(people, target, acknowledged);
  await tokens(people, acknowledged);
  await untilAnswered(() => people().requester.call('validateRun', { body: { scope: 'workspace' } }));
  if (number % panicEvery === 0) await panic(people);
}
