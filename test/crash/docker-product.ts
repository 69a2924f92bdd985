import { randomUUID } from 'node:crypto';
import type { Client } from '@countersign/client';
import type { OperationView, StepInput } from '@countersign/protocol';
import { dockerSocket, type RunningChild, waitUntil } from '@countersign/testing';
import { expect } from 'vitest';
import type { LiveContainer } from '../../connectors/docker/src/live/containers.ts';
import { type Installation, makeInstallation, type People } from './installation.ts';

/** The target of an installation, in dev, and its connector's settings. */
export interface DevTarget {
  readonly connector: string;
  readonly config: Readonly<Record<string, unknown>>;
}

const dockerTarget = (): DevTarget => ({ connector: 'docker', config: { socket: dockerSocket() } });

function configurationOf({ connector, config }: DevTarget): string {
  const target = { name: connector, project: 'crash', environment: 'dev', connector, config };
  return JSON.stringify({ lease_ms: 1000, targets: [target] });
}

/** As long as an installation gives its other processes. */
const startPatienceMs = 120_000;

interface Product {
  readonly installation: Installation;
  readonly people: People;
  readonly server: RunningChild;
}

let before: Promise<unknown> = Promise.resolve();

/** Where several run at once their processes start one after the other, and wait together. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = before.then(work);
  before = turn.catch(() => undefined);
  return turn;
}

/** Runs work against a server of its own, with or without a worker. Its target is the tests' Docker unless told otherwise. */
export async function withServer(
  worker: boolean,
  work: (product: Product) => Promise<void>,
  target: DevTarget = dockerTarget(),
): Promise<void> {
  await using installation = await makeInstallation({ targets: 0, configuration: configurationOf(target) });
  const [server, people] = await inTurn(async () => [await installation.serve({ worker }), await installation.enrol()]);
  await work({ installation, server, people });
}

/** Proposes one step that starts as soon as it may. */
export async function propose(client: Client, step: StepInput): Promise<string> {
  const [target] = step.action.split('.');
  const body = { target, steps: [step], start: 'when_allowed' as const, request_id: randomUUID() };
  return (await client.call('opsPlan', { body, preferWaitSeconds: 0 })).op_id;
}

/** A restart with a short stop timeout. */
export const restartOf = ({ name }: LiveContainer): StepInput => ({
  action: 'docker.restart_container',
  inputs: { container: name, stop_timeout_seconds: 1 },
});

/** Waits until an operation is closed. */
export function closed(client: Client, opId: string): Promise<OperationView> {
  const patience = { timeoutMs: 90_000, intervalMs: 200 };
  const ended = async () => {
    const view = await client.call('opsGet', { params: { op_id: opId } });
    return view.state === 'closed' && view;
  };
  return waitUntil(`${opId} ends`, ended, patience);
}

/** Kills a worker at a point of the change, starts another life of it, and answers how the run ended. */
export async function killedAt(
  point: string,
  step: StepInput,
  target: DevTarget = dockerTarget(),
): Promise<{ view: OperationView; audit: string[] }> {
  const ended: { view: OperationView; audit: string[] }[] = [];
  await withServer(
    false,
    async ({ installation, people: { requester, workerToken } }) => {
      const { opId, worker } = await inTurn(async () => {
        const victim = await installation.work(workerToken, { crashAt: `${point}:1` });
        await victim.waitFor(/Worker ready/, startPatienceMs);
        const proposed = await propose(requester, step);
        expect(await victim.exited).toEqual({ code: null, signal: 'SIGKILL' });
        return { opId: proposed, worker: await installation.work(workerToken) };
      });
      const view = await closed(requester, opId);
      const { entries } = await requester.call('audit', { query: { subject: opId, limit: 500 } });
      ended.push({ view, audit: entries.map(({ event }) => event) });
      expect(await worker.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    },
    target,
  );
  const [result] = ended;
  if (result === undefined) throw new Error('the run ended');
  return result;
}
