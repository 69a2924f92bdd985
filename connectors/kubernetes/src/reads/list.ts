import { fittingEntries, type ParsedStep, type ReadResult, type WorkContext } from '@countersign/connector-kit';
import { JsonObject } from '@countersign/protocol';
import type { KubernetesClient } from '../client/kubernetes-client.ts';
import { ListInputs } from '../manifest/read-actions.ts';
import { ApiObject } from '../resource/answers.ts';
import { listObjects } from '../resource/list-objects.ts';
import { type Kind, resourcesOf } from '../resource/resource.ts';
import { outside, readableNamespace, type Scope } from '../resource/scope.ts';
import { withoutSecrets } from '../resource/withhold.ts';
import { overviewOf } from './overview.ts';

/** The summary is an overview: what it leaves out stands in the artifact. */
const maxSummaryBytes = 128 * 1024;

async function namespaceOf(scope: Scope, inputs: ListInputs, signal: AbortSignal): Promise<string | undefined> {
  const kind: Kind = inputs.kind;
  if (!resourcesOf[kind].some(({ namespaced }) => namespaced)) return undefined;
  if (!inputs.all_namespaces) return await readableNamespace(scope, inputs.namespace, signal);
  if (scope.only !== undefined) throw outside(scope, 'this target is not about all namespaces');
  return undefined;
}

/** Lists objects by namespace and name. Under a cap both the summary and the artifact hold whole entries only. */
export async function listRead(
  client: KubernetesClient,
  scope: Scope,
  step: ParsedStep,
  context: WorkContext,
): Promise<ReadResult> {
  const inputs = ListInputs.parse(step.inputs);
  const { kind, labels, name = '' } = inputs;
  const namespace = await namespaceOf(scope, inputs, context.signal);
  const query = { namespace, labelSelector: labels };
  const { items, cut } = await listObjects(client, kind, query, ApiObject, context.signal);
  const found = items
    .filter(({ metadata }) => metadata.name.includes(name))
    .filter(({ metadata }) => kind !== 'namespace' || scope.allows(metadata.name));
  const shown = fittingEntries(
    found.map((object) => overviewOf(kind, object)),
    Math.min(maxSummaryBytes, context.outputCapBytes / 2),
  );
  const objects = fittingEntries(
    found.map((object) => withoutSecrets(JsonObject.parse(object))),
    context.outputCapBytes,
  );
  const truncated = cut || objects.length < found.length;
  return {
    summary: {
      kind,
      namespace: namespace ?? null,
      count: found.length,
      objects: shown,
      truncated: truncated || shown.length < found.length,
    },
    artifacts: [
      {
        name: 'objects.json',
        mediaType: 'application/json',
        content: Buffer.from(JSON.stringify(objects), 'utf8'),
        truncated,
      },
    ],
  };
}
