import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OperationView } from '@countersign/protocol';
import type { CrashTarget, People } from './installation.ts';
import type { Acknowledged } from './load.ts';
import { isRefused, untilAnswered } from './until-answered.ts';

const endsWithinMs = 600_000;
/** Rarely enough that asking is not what keeps a server busy that has just started. */
const lookEveryMs = 200;

class Driver {
  readonly #people: () => People;
  readonly #target: CrashTarget;
  readonly #acknowledged: Acknowledged;
  constructor(people: () => People, target: CrashTarget, acknowledged: Acknowledged) {
    this.#people = people;
    this.#target = target;
    this.#acknowledged = acknowledged;
  }

  #view(opId: string): Promise<OperationView> {
    return untilAnswered(() => this.#people().requester.call('opsGet', { params: { op_id: opId } }));
  }

  async until(opId: string, done: (view: OperationView) => boolean): Promise<OperationView> {
    for (const limit = performance.now() + endsWithinMs; ; ) {
      const view = await this.#view(opId);
      if (done(view)) return view;
      if (performance.now() > limit)
        throw new Error(`operation ${opId} stays ${view.display}: ${JSON.stringify(view)}`);
      await sleep(lookEveryMs);
    }
  }

  async propose(number: number): Promise<string> {
    const { name, tier } = this.#target;
    const requestId = randomUUID();
    const steps = Array.from({ length: 1 + (number % 2) }, (_, index) => ({
      action: 'repo.write_files',
      inputs: { files: [{ path: `step-${index}.txt`, content: `${number}\n` }], message: `change ${number}.${index}` },
    }));
    const start = tier === 'prod' || (tier === 'dev' && number % 2 === 0) ? 'manual' : 'when_allowed';
    const body = { target: name, steps, start, request_id: requestId } as const;
    const { op_id: opId } = await untilAnswered(() =>
      this.#people().requester.call('opsPlan', { body, preferWaitSeconds: 0 }),
    );
    this.#acknowledged.proposals.push({ requestId, opId });
    return opId;
  }

  async decide(opId: string, kind: 'confirm' | 'approve', digest: string): Promise<void> {
    const who = () => (kind === 'confirm' ? this.#people().requester : this.#people().approver);
    const params = { op_id: opId };
    try {
      await untilAnswered(() => who().call('opsGet', { params }));
      await untilAnswered(async () => {
        if (kind === 'approve') return await who().call('opsApprove', { params, body: { digest } });
        // A token whose use was not answered may be spent: each try gets its own.
        const { confirmation } = await who().call('opsConfirmation', { params, body: {} });
        return await who().call('opsConfirm', { params, body: { digest, confirmation } });
      });
    } catch (error) {
      // The one before the kill counted, though nobody was told.
      if (!isRefused(error, 'E_ALREADY_DECIDED')) throw error;
      return;
    }
    this.#acknowledged.decisions.push({ opId, kind, digest });
  }

  async start(opId: string, digest: string): Promise<void> {
    const body = { op_id: opId, digest, request_id: randomUUID() };
    const { run_id: runId } = await untilAnswered(() => this.#people().requester.call('opsExecute', { body }));
    this.#acknowledged.starts.push({ opId, runId });
  }
}

/** Takes one operation of a target from its proposal to its end. */
export async function driveTarget(
  people: () => People,
  target: CrashTarget,
  acknowledged: Acknowledged,
  number: number,
): Promise<void> {
  const driver = new Driver(people, target, acknowledged);
  const opId = await driver.propose(number);
  const planned = await driver.until(opId, ({ state }) => state === 'planned' || state === 'closed');
  const digest = planned.plan?.digest ?? null;
  if (planned.state === 'planned' && planned.run === null && digest !== null) {
    if (target.tier === 'prod') await driver.decide(opId, 'approve', digest);
    if (target.tier === 'stage') await driver.decide(opId, 'confirm', digest);
    if (planned.start === 'manual') await driver.start(opId, digest);
  }
  const last = await driver.until(opId, ({ state, display }) => state === 'closed' || display === 'ready');
  if (last.state === 'closed' || digest === null) return;
  // What became ready during panic waits for a word.
  await driver.start(opId, digest);
  await driver.until(opId, ({ state }) => state === 'closed');
}
