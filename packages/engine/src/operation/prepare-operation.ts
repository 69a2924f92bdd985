import type { SealedValue } from '@countersign/kernel';
import {
  type ActionManifest,
  accept,
  type Outcome,
  refuse,
  type StepInput,
  type TargetRef,
  type TargetSelector,
} from '@countersign/protocol';
import type { Serving } from '../catalogue/catalogue.ts';
import { reservedTypes } from '../catalogue/reserved-actions.ts';
import { resolveTarget } from '../catalogue/resolve-target.ts';
import { validateSteps } from '../catalogue/validate-steps.ts';
import { withCompensations } from '../catalogue/with-compensations.ts';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { holdsSealedMark, sealInputs } from '../secret/sealed-inputs.ts';
import { holdsRole, sees } from './find-operation.ts';

/** A proposal that was resolved, validated and freed of secrets. */
export interface PreparedOperation {
  readonly target: TargetRef;
  readonly actions: readonly ActionManifest[];
  readonly steps: readonly StepInput[];
  readonly sealed: readonly Pick<SealedValue, 'name' | 'nonce' | 'ciphertext'>[];
}

function connectorOf(action: string): string {
  return action.split('.')[0] ?? action;
}

/** Workers are there, and none of them may do this there. */
function leftOutOf(target: TargetRef, wanted: readonly string[], index: number, serving: readonly Serving[]) {
  const workers = serving.map(({ worker }) => worker);
  return refuse(
    'E_WORKER_UNAVAILABLE',
    `no worker that serves "${target.name}" does ${wanted[index] ?? ''} there: its scope or its own allowlist leaves it out`,
    {
      field: `/steps/${index}/action`,
      target: target.name,
      workers,
      next: 'see `countersign workers`; widen "actions" of the target at the worker, or enrol it with that action',
    },
  );
}

/** Resolves the target among those that the caller sees, and validates every step by the schema its worker announced. Touches nothing. */
export async function prepareOperation(
  context: EngineContext,
  caller: Caller,
  selector: TargetSelector,
  steps: readonly StepInput[],
): Promise<Outcome<PreparedOperation>> {
  for (const [index, step] of steps.entries()) {
    const first = connectorOf(steps[0]?.action ?? '');
    if (connectorOf(step.action) !== first) {
      return refuse('E_VALIDATION', 'one operation has one target, so all its steps belong to one connector', {
        field: `/steps/${index}/action`,
        next: 'propose one operation per target',
      });
    }
  }
  const connector = connectorOf(steps[0]?.action ?? '');
  const targets = context.targets.filter((target) => sees(caller, target));
  if (!targets.some((target) => target.connector === connector)) {
    const known = (await context.store.read((reads) => context.catalogue.actions(reads))).some(
      (action) => action.name === steps[0]?.action,
    );
    if (!known) {
      return refuse('E_ACTION_UNKNOWN', `there is no action "${steps[0]?.action ?? ''}" here`, {
        field: '/steps/0/action',
        next: 'see `countersign actions`',
      });
    }
  }
  const target = resolveTarget(targets, selector, connector);
  if (!target.ok) return target;
  const holds = holdsRole(caller, target.value, 'actions');
  if (!holds.ok) return holds;
  const serving = await context.store.read((reads) => context.catalogue.serving(reads, target.value));
  const wanted = steps.map(({ action }) => action);
  const able = serving.find(({ manifest: { actions } }) =>
    wanted.every((action) => actions.some(({ name }) => name === action)),
  );
  const manifest = able?.manifest ?? serving[0]?.manifest;
  if (manifest === undefined) {
    return refuse('E_WORKER_UNAVAILABLE', `no worker serves target "${target.value.name}" now`, {
      target: target.value.name,
      next: 'start one with `countersign worker`, or `countersign serve` without --no-worker; see `countersign health`',
    });
  }
  if (able === undefined) {
    const known = await context.store.read((reads) => context.catalogue.manifests(reads));
    const whole = known.find(({ hash }) => hash === manifest.hash) ?? manifest;
    const leftOut = wanted.findIndex(
      (action) =>
        whole.actions.some(({ name }) => name === action) && !manifest.actions.some(({ name }) => name === action),
    );
    if (leftOut >= 0) return leftOutOf(target.value, wanted, leftOut, serving);
  }
  const asked = validateSteps(manifest, steps);
  if (!asked.ok) return asked;
  const valid = validateSteps(manifest, withCompensations(manifest, steps));
  if (!valid.ok) return valid;
  const forged = steps.findIndex((step) => holdsSealedMark(step.inputs));
  if (forged >= 0) {
    return refuse('E_VALIDATION', '"$sealed" and "$sealed_parts" are kept for secrets that were sealed here', {
      field: `/steps/${forged}/inputs`,
      next: 'use other names',
    });
  }
  const { steps: sealedSteps, values } = sealInputs(context.vault, valid.value);
  return accept({
    target: target.value,
    actions: valid.value.map(({ action }) => action),
    steps: sealedSteps,
    sealed: values,
  });
}

/** Refuses types that are reserved for connectors that are not here. */
export function refuseReserved(type: string): Outcome<null> {
  if (!reservedTypes.includes(type)) return accept(null);
  return refuse('E_CAPABILITY_DISABLED', `"${type}" needs the Odoo connector, which is not enabled here`, {
    field: 'type',
    next: 'see `countersign actions` for what this installation can do',
  });
}
