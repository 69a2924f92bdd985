import { ConnectorError } from '@countersign/connector-kit';
import { JsonObject } from '@countersign/protocol';
import { pathOf, type Subject, titleOf } from '../change/subject.ts';
import { fieldManager } from '../change/write.ts';
import { httpFailureOf } from '../client/call-error.ts';
import type { Cause, HttpFailure } from '../client/failure.ts';
import type { KubernetesClient } from '../client/kubernetes-client.ts';

/** Server-side apply; JSON is YAML. */
export const applyPatch = 'application/apply-patch+yaml';

/** What the cluster says that applying a manifest would come to. */
export type DryRun =
  | { readonly is: 'fine'; readonly object: JsonObject }
  /** Others own fields that would change; each cause names field and owner. */
  | { readonly is: 'conflict'; readonly causes: readonly Cause[] }
  /** The cluster does not take it: a wrong field, a missing right or namespace. */
  | { readonly is: 'refused'; readonly message: string };

/** Older servers say of some wrong manifests that it is their own fault; a dry run keeps nothing, whatever it says. */
function isAnswer({ status, serverMessage }: HttpFailure): boolean {
  if (status === 401) return false;
  return status < 500 || serverMessage.startsWith('failed to create typed patch object');
}

/** Has the cluster apply a manifest and keep nothing of it. */
export async function dryRun(
  client: KubernetesClient,
  subject: Subject,
  manifest: JsonObject,
  options: { readonly force: boolean; readonly signal: AbortSignal },
): Promise<DryRun> {
  const { force, signal } = options;
  const request = {
    ...{ method: 'PATCH' as const, path: pathOf(subject), body: manifest, mediaType: applyPatch },
    query: { fieldManager, dryRun: 'All', force },
  };
  try {
    const call = { what: `try ${titleOf(subject)}`, effect: 'none' as const, request };
    return { is: 'fine', object: await client.ask(call, JsonObject, signal) };
  } catch (error) {
    const failure = httpFailureOf(error);
    if (!(error instanceof ConnectorError) || failure === undefined || !isAnswer(failure)) throw error;
    const causes = failure.causes.filter(({ reason }) => reason === 'FieldManagerConflict');
    if (causes.length > 0) return { is: 'conflict', causes };
    return { is: 'refused', message: failure.serverMessage === '' ? error.message : failure.serverMessage };
  }
}
