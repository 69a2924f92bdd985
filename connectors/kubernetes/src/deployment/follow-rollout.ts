import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectorError, interruption, type WorkContext } from '@countersign/connector-kit';
import type { Json } from '@countersign/protocol';
import { type Subject, titleOf } from '../change/subject.ts';
import { readObject } from '../change/write.ts';
import type { KubernetesClient } from '../client/kubernetes-client.ts';
import { Deployment } from '../resource/answers.ts';
import { type DeploymentState, deploymentState } from './kept-state.ts';
import { rolloutOf } from './rollout.ts';
import { hopelessPod, podsDetail, unreadyPods } from './unready-pods.ts';

const pollMs = 400;
/** So many reads in a row may fail before the rollout counts as not seen. */
const patience = 5;
/** Pods are looked at more rarely than their deployment: there are many of them. */
const podsEvery = 4;

/** What is waited for. */
export interface Awaited {
  readonly subject: Subject;
  readonly waitSeconds: number;
  /** What is wrong with the deployment, whatever its pods do: that somebody changed it again. Undefined if nothing is. */
  problem(state: DeploymentState): string | undefined;
}

function verifyError(subject: Subject, problem: string, detail: Record<string, Json> = {}): ConnectorError {
  return new ConnectorError('E_VERIFY', `${titleOf(subject)} ${problem}`, { detail });
}

/** Pods explain why a rollout fails; an account that may not see them fails without. */
async function podsOf(client: KubernetesClient, deployment: Deployment, signal: AbortSignal) {
  try {
    return await unreadyPods(client, deployment, signal);
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'E_TARGET_REFUSED') return [];
    throw error;
  }
}

/** Reads with some patience: one lost answer says nothing about a rollout of minutes. */
async function readPatiently(client: KubernetesClient, subject: Subject, signal: AbortSignal) {
  for (let failed = 1; ; failed += 1) {
    try {
      return await readObject(client, subject, signal);
    } catch (error) {
      const passing = error instanceof ConnectorError && ['E_TARGET_UNREACHABLE', 'E_TIMEOUT'].includes(error.code);
      if (!passing || signal.aborted || failed >= patience) throw error;
      await pause(signal);
    }
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  await sleep(pollMs, undefined, { signal }).catch(() => {
    throw interruption(signal, 'waiting for the rollout', 'maybe');
  });
}

/** Waits for a rollout's end, telling its progress. Throws E_VERIFY, with pods and log lines, where it does not come. */
export async function followRollout(
  client: KubernetesClient,
  awaited: Awaited,
  context: WorkContext,
): Promise<DeploymentState> {
  const { subject, waitSeconds } = awaited;
  const { signal } = context;
  const until = performance.now() + waitSeconds * 1000;
  let told = '';
  for (let poll = 0; ; poll += 1) {
    const object = await readPatiently(client, subject, signal);
    if (object === undefined) throw verifyError(subject, 'is gone after the change');
    const state = deploymentState(object);
    const problem = awaited.problem(state);
    if (problem !== undefined) throw verifyError(subject, problem, { generation: state.generation });
    const deployment = Deployment.parse(object);
    const { done, failed, message, fraction } = rolloutOf(deployment);
    if (message !== told) context.progress(`${titleOf(subject)}: ${message}`, fraction);
    told = message;
    // Nothing rolls out while it is paused, and who does not wait wants none of this.
    if (done || state.paused || waitSeconds === 0) return state;
    const late = performance.now() >= until;
    const pods =
      late || failed !== undefined || poll % podsEvery === podsEvery - 1
        ? await podsOf(client, deployment, signal)
        : [];
    const why = failed ?? hopelessPod(pods) ?? (late ? `is not rolled out within ${waitSeconds} s` : undefined);
    if (why !== undefined) {
      throw verifyError(subject, `was changed, but its rollout failed: ${why}`, {
        rollout: message,
        ...(await podsDetail(client, pods, signal)),
      });
    }
    await pause(signal);
  }
}
