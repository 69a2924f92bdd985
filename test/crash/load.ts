import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '@countersign/client';
import { CodedError, type OperationView } from '@countersign/protocol';
import type { CrashTarget, People } from './installation.ts';

/** What the server answered 2xx to. All of it must stand afterwards. */
export interface Acknowledged {
  readonly proposals: { requestId: string; opId: string }[];
  readonly decisions: { opId: string; kind: 'confirm' | 'approve'; digest: string }[];
  readonly starts: { opId: string; runId: string }[];
}

/** Operations that go on and on, one at a time per target, through every kill. */
export interface Load {
  readonly acknowledged: Acknowledged;
  /** Rejects when an operation is answered as none should be, or does not end. */
  readonly failed: Promise<never>;
  /** Lets each target's operation come to its end, then stops. */
  finish(): Promise<void>;
}

const retryMs = 60;

/** No answer came, or none that says anything: what was asked may have been done. */
function unanswered(error: unknown): boolean {
  if (!(error instanceof ApiError)) throw error;
  return error.status === 0 || error.code === 'E_WORKER_UNAVAILABLE' || error.status >= 500;
}

async function untilAnswered<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (const until = performance.now() + 60_000; ; ) {
    try {
      return await ask();
    } catch (error) {
      if (!unanswered(error) || performance.now() > until) throw error;
      await sleep(retryMs);
    }
  }
}

function isRefused(error: unknown, ...codes: string[]): boolean {
  return error instanceof CodedError && codes.includes(error.code);
}

class Driver {
  readonly #people: People;
  readonly #target: CrashTarget;
  readonly #acknowledged: Acknowledged;
  constructor(people: People, target: CrashTarget, acknowledged: Acknowledged) {
    this.#people = people;
    this.#target = target;
    this.#acknowledged = acknowledged;
  }

  #view(opId: string): Promise<OperationView> {
    return untilAnswered(() => this.#people.requester.call('opsGet', { params: { op_id: opId } }));
  }

  async #until(opId: string, done: (view: OperationView) => boolean): Promise<OperationView> {
    for (const limit = performance.now() + 90_000; ; ) {
      const view = await this.#view(opId);
      if (done(view)) return view;
      if (performance.now() > limit)
        throw new Error(`operation ${opId} stays ${view.display}: ${JSON.stringify(view)}`);
      await sleep(retryMs);
    }
  }

  async #propose(number: number): Promise<string> {
    const { name, tier } = this.#target;
    const requestId = randomUUID();
    const steps = Array.from({ length: 1 + (number % 2) }, (_, index) => ({
      action: 'repo.write_files',
      inputs: { files: [{ path: `step-${index}.txt`, content: `${number}\n` }], message: `change ${number}.${index}` },
    }));
    const start = tier === 'prod' || (tier === 'dev' && number % 2 === 0) ? 'manual' : 'when_allowed';
    const body = { target: name, steps, start, request_id: requestId } as const;
    const { op_id: opId } = await untilAnswered(() =>
      this.#people.requester.call('opsPlan', { body, preferWaitSeconds: 0 }),
    );
    this.#acknowledged.proposals.push({ requestId, opId });
    return opId;
  }

  async #decide(opId: string, kind: 'confirm' | 'approve', digest: string): Promise<void> {
    const who = kind === 'confirm' ? this.#people.requester : this.#people.approver;
    const params = { op_id: opId };
    try {
      await untilAnswered(() => who.call('opsGet', { params }));
      await untilAnswered(() =>
        who.call(kind === 'confirm' ? 'opsConfirm' : 'opsApprove', { params, body: { digest } }),
      );
    } catch (error) {
      // The one before the kill counted, though nobody was told.
      if (!isRefused(error, 'E_ALREADY_DECIDED')) throw error;
      return;
    }
    this.#acknowledged.decisions.push({ opId, kind, digest });
  }

  async #start(opId: string, digest: string): Promise<void> {
    const body = { op_id: opId, digest, request_id: randomUUID() };
    const { run_id: runId } = await untilAnswered(() => this.#people.requester.call('opsExecute', { body }));
    this.#acknowledged.starts.push({ opId, runId });
  }

  /** Takes one operation from its proposal to its end. */
  async drive(number: number): Promise<void> {
    const opId = await this.#propose(number);
    const planned = await this.#until(opId, ({ state }) => state === 'planned' || state === 'closed');
    const digest = planned.plan?.digest ?? null;
    if (planned.state === 'planned' && planned.run === null && digest !== null) {
      if (this.#target.tier === 'prod') await this.#decide(opId, 'approve', digest);
      if (this.#target.tier === 'stage') await this.#decide(opId, 'confirm', digest);
      if (planned.start === 'manual') await this.#start(opId, digest);
    }
    await this.#until(opId, ({ state }) => state === 'closed');
  }
}

/** Puts an installation under load: every target has an operation under way until `finish`. */
export function startLoad(people: People, targets: readonly CrashTarget[]): Load {
  const acknowledged: Acknowledged = { proposals: [], decisions: [], starts: [] };
  let finishing = false;
  const work = Promise.all(
    targets.map(async (target) => {
      const driver = new Driver(people, target, acknowledged);
      for (let number = 1; !finishing; number += 1) await driver.drive(number);
    }),
  );
  const failed = work.then(() => new Promise<never>(() => undefined));
  // Whoever waits for it, or for `finish`, is told.
  failed.catch(() => undefined);
  return {
    acknowledged,
    failed,
    async finish() {
      finishing = true;
      await work;
    },
  };
}
