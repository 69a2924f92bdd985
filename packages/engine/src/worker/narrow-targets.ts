import type { WorkerKey } from '@countersign/kernel';
import {
  type ConnectorManifest,
  coversAction,
  type RegisterRequest,
  type TargetRef,
  type WorkerTarget,
} from '@countersign/protocol';
import type { EngineContext } from '../context/context.ts';

/** What of a worker's offer counts, and what does not, with the reason. */
export interface Narrowed {
  readonly targets: readonly WorkerTarget[];
  readonly declined: readonly { readonly target: string; readonly why: string }[];
}

function whyNot(
  context: Pick<EngineContext, 'catalogue'>,
  offered: WorkerTarget,
  known: TargetRef | undefined,
  key: WorkerKey | null,
): string | null {
  if (known === undefined) return 'the server has no target of that name: add it with `countersign targets add`';
  if (known.connector !== offered.connector) return `there it is a target of connector ${known.connector}`;
  if (context.catalogue.builtIn(known.connector) !== undefined) return 'the server itself serves it';
  if (key !== null && !key.scope.targets.some((name) => name === '*' || name === offered.name)) {
    return 'it is outside of the scope that this worker was enrolled with';
  }
  return null;
}

/** The actions that both the worker's own allowlist and its scope hold; undefined for all of the connector's. */
function narrowActions(
  offered: WorkerTarget,
  key: WorkerKey | null,
  manifest: ConnectorManifest | undefined,
): readonly string[] | undefined {
  if (key === null) return offered.actions;
  const all = offered.actions ?? manifest?.actions.map(({ name }) => name) ?? [];
  const held = all.filter((action) => coversAction(key.scope.actions, action));
  return offered.actions === undefined && held.length === all.length ? undefined : held;
}

/** A worker serves what the server knows, within the scope of its enrolment and its own allowlist. */
export function narrowTargets(
  context: Pick<EngineContext, 'targets' | 'catalogue'>,
  request: Pick<RegisterRequest, 'targets' | 'manifests'>,
  key: WorkerKey | null,
): Narrowed {
  const targets: WorkerTarget[] = [];
  const declined: { target: string; why: string }[] = [];
  for (const offered of request.targets) {
    const known = context.targets.find(({ name }) => name === offered.name);
    const why = whyNot(context, offered, known, key);
    const manifest = request.manifests.find(({ connector }) => connector === offered.connector);
    const actions = narrowActions(offered, key, manifest);
    const { actions: _offered, ...target } = offered;
    if (why !== null) declined.push({ target: offered.name, why });
    else targets.push(actions === undefined ? target : { ...target, actions: [...actions] });
  }
  return { targets, declined };
}
