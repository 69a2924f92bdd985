import type { ParsedStep } from '@countersign/connector-kit';
import type { Subject } from '../change/subject.ts';
import type { KubernetesClient } from '../client/kubernetes-client.ts';
import { ApplyInputs } from '../manifest/write-actions.ts';
import type { Scope } from '../resource/scope.ts';
import { discoverResource } from './discover.ts';
import { type Manifest, parseManifest } from './manifest.ts';

/** What a step of `k8s.apply` is about, or the check by which it fails before there is anything to look at. */
export type ApplySubject =
  | { readonly subject: Subject; readonly manifest: Manifest }
  | { readonly check: string; readonly problem: string };

/** Reads the manifest of a step and finds out where the cluster keeps its kind. */
export async function applySubject(
  client: KubernetesClient,
  scope: Scope,
  step: Pick<ParsedStep, 'inputs'>,
  signal: AbortSignal,
): Promise<ApplySubject> {
  const { manifest: text, namespace: named } = ApplyInputs.parse(step.inputs);
  const manifest = parseManifest(text);
  if (typeof manifest === 'string') return { check: 'manifest', problem: manifest };
  const { apiVersion, kind, name } = manifest;
  if (!scope.applies(kind)) {
    return {
      check: 'kind',
      problem: `${kind} is not applied here: name it in \`apply_kinds\` of the target to allow it`,
    };
  }
  const resource = await discoverResource(client, manifest, signal);
  if (resource === undefined) return { check: 'kind', problem: `the cluster knows no ${kind} of ${apiVersion}` };
  if (!resource.namespaced) return { subject: { resource, namespace: undefined, name }, manifest };
  if (named !== undefined && manifest.namespace !== undefined && named !== manifest.namespace) {
    return {
      check: 'namespace',
      problem: `the manifest is for namespace ${manifest.namespace}, the step for ${named}`,
    };
  }
  const namespace = await scope.namespaceOf(named ?? manifest.namespace, signal);
  return { subject: { resource, namespace, name }, manifest };
}
