import type { ActionDefinition, ConnectedTarget } from '@countersign/connector-kit';
import { defineAction } from '@countersign/connector-kit';
import type { CompleteRequest, Job, WorkerPort } from '@countersign/protocol';
import { z } from 'zod';
import { workOnJob } from '../../packages/runner/src/worker/work-on-job.ts';

/** Takes whatever it is given: nothing but the digest stands between a changed plan and its effect. */
class EveryAction extends Map<string, ActionDefinition> {
  override get(name: string): ActionDefinition {
    return defineAction({
      name,
      version: 1,
      title: name,
      description: name,
      effect: 'write',
      risk: 'low',
      timeoutMs: 5000,
      outputCapBytes: 1000,
      idempotency: 'guard',
      replay: 'exact',
      follows: false,
      inputs: z.looseObject({}),
    });
  }
}
const actions = new EveryAction();

/** A target that agrees with every plan and writes down each effect. */
function agreeing(job: Job, ledger: string[]): ConnectedTarget {
  return {
    readiness: async () => ({ status: 'ready', message: '' }),
    plan: () => Promise.reject(new Error('nothing is planned here')),
    observe: async () => ({
      identity: job.plan?.target.identity ?? '',
      preconditions: job.plan?.preconditions ?? [],
      guard: null,
    }),
    before: async () => null,
    apply: async (step) => {
      ledger.push(`${step.action} ${JSON.stringify(step.inputs)}`);
      return { after: null, guard: null };
    },
    verify: async () => null,
    reconcile: async () => ({ answer: 'indeterminate', after: null, guard: null }),
    read: async () => ({ summary: {}, artifacts: [] }),
    replay: () => Promise.reject(new Error('nothing is replayed here')),
    close: async () => undefined,
  };
}

/** Runs a claimed job with the product's own worker code on a target that agrees with everything. */
export async function runClaimed(job: Job, port: WorkerPort, instance: string, ledger: string[]): Promise<void> {
  const errors: unknown[] = [];
  await workOnJob({
    job,
    fence: { job_id: job.job_id, fence: job.fence, instance },
    port,
    target: agreeing(job, ledger),
    connector: job.plan?.connector ?? { name: 'fake', version: '0', manifest_hash: '' },
    actions,
    faults: { hit: () => undefined },
    now: () => 0,
    onError: (_what, error) => errors.push(error),
  });
  if (errors.length > 0) throw errors[0];
}

/** A server that lets a worker do everything it asks; keeps how it ended. */
export function trustingPort(completed: CompleteRequest[]): WorkerPort {
  return {
    register: async () => ({ lease_ms: 60_000, heartbeat_ms: 20_000, server_version: '1', declined: [] }),
    claim: async () => null,
    assigned: () => Promise.reject(new Error('not asked for')),
    heartbeat: async () => ({ lease_ms: 60_000, cancel: false, panic: false }),
    appendOutput: async () => undefined,
    recordIntent: async () => ({ go: true }),
    recordOutcome: async () => undefined,
    complete: async (_fence, request) => {
      completed.push(request);
    },
  };
}
