import { ConnectorError } from '@countersign/connector-kit';
import { z } from 'zod';
import { httpFailureOf } from './client/call-error.ts';
import type { KubernetesClient } from './client/kubernetes-client.ts';
import { ReviewAnswer, reviewRequest } from './resource/rights.ts';

const VersionAnswer = z.object({ gitVersion: z.string() });

/** Whether the API server answers and takes the credentials, its version, and in how many milliseconds. Never throws. */
export async function readiness(
  client: KubernetesClient,
  now: () => number,
  signal: AbortSignal,
): Promise<{ status: 'ready' | 'degraded' | 'unavailable'; message: string }> {
  const startedAt = now();
  try {
    const call = { what: 'tell its version', effect: 'none' as const, request: { path: '/version' } };
    const { gitVersion } = await client.ask(call, VersionAnswer, signal);
    const review = reviewRequest({ verb: 'list', group: '', resource: 'pods', namespace: 'default' });
    await client.ask({ what: 'tell its rights', effect: 'none', request: review }, ReviewAnswer, signal);
    return { status: 'ready', message: `Kubernetes ${gitVersion}, answered in ${now() - startedAt} ms` };
  } catch (cause) {
    const status = httpFailureOf(cause) === undefined ? 'unavailable' : 'degraded';
    return { status, message: cause instanceof ConnectorError ? cause.message : 'the readiness check failed' };
  }
}
