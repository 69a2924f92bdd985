import {
  type ActionManifest,
  accept,
  type EntityListing,
  type JsonObject,
  type Outcome,
  refuse,
  type SelectionRequest,
  type TargetRef,
} from '@countersign/protocol';
import { nearest } from '../catalogue/nearest.ts';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { sees } from '../operation/find-operation.ts';

/** The targets that a selection is about. Several are taken only where the request says which, by name, place or tier. */
export function targetsOfSelection(
  context: EngineContext,
  caller: Caller,
  { action, targets: names, project, environment, tier }: SelectionRequest,
): Outcome<readonly TargetRef[]> {
  const connector = action.split('.')[0] ?? action;
  const seen = context.targets.filter((target) => sees(caller, target));
  const unknown = names?.find((name) => !seen.some((target) => target.name === name));
  if (unknown !== undefined) {
    return refuse('E_TARGET_UNKNOWN', `there is no target "${unknown}" that you may see`, {
      field: '/targets',
      did_you_mean: nearest(
        unknown,
        seen.map(({ name }) => name),
      ),
      next: 'see `countersign targets`',
    });
  }
  const found = seen.filter(
    (target) =>
      target.connector === connector &&
      (names === undefined || names.includes(target.name)) &&
      (project === undefined || target.project === project) &&
      (environment === undefined || target.environment === environment) &&
      (tier === undefined || target.tier === tier),
  );
  const isNarrowed = (names ?? project ?? environment ?? tier) !== undefined;
  if (found.length === 0) {
    return refuse('E_TARGET_UNKNOWN', `no ${connector} target fits that`, {
      field: '/targets',
      choices: seen.filter((target) => target.connector === connector).map(({ name }) => name),
      next: 'see `countersign targets` and `countersign actions`',
    });
  }
  if (found.length > 1 && !isNarrowed) {
    return refuse('E_TARGET_AMBIGUOUS', `${found.length} targets have ${connector}`, {
      field: '/targets',
      choices: found.map(({ name }) => name),
      next: 'name targets, or a project, an environment or a tier',
    });
  }
  return accept([...found].sort((a, b) => (a.name < b.name ? -1 : 1)));
}

/** The input of an action that names a thing, and how such things are listed. */
export interface EntityField {
  readonly field: string;
  readonly listing: EntityListing;
  /** The read action that lists them, as its worker announces it. */
  readonly reading: ActionManifest | null;
}

const propertiesOf = (action: ActionManifest | null): ReadonlyMap<string, unknown> => {
  const properties = action?.inputSchema['properties'];
  return new Map(typeof properties === 'object' && properties !== null ? Object.entries(properties) : []);
};

const entityOf = (schema: unknown): string | null => {
  const entity = typeof schema === 'object' && schema !== null && 'x-entity' in schema ? schema['x-entity'] : null;
  return typeof entity === 'string' ? entity : null;
};

/** Which input of the action a target's things go into. E_ACTION_UNKNOWN, E_WORKER_UNAVAILABLE, or E_VALIDATION where it takes none or is given already. */
export async function entityField(
  context: EngineContext,
  target: TargetRef,
  { action: name, inputs }: Pick<SelectionRequest, 'action' | 'inputs'>,
): Promise<Outcome<EntityField>> {
  const [serving] = await context.store.read((reads) => context.catalogue.serving(reads, target));
  if (serving === undefined) {
    return refuse('E_WORKER_UNAVAILABLE', `no worker serves target "${target.name}" now`, {
      target: target.name,
      next: 'see `countersign health`',
    });
  }
  const { actions, inventory = [] } = serving.manifest;
  const action = actions.find((known) => known.name === name);
  if (action === undefined) {
    return refuse('E_ACTION_UNKNOWN', `there is no action "${name}" on "${target.name}"`, {
      field: '/action',
      did_you_mean: nearest(
        name,
        actions.map((known) => known.name),
      ),
      next: 'see `countersign actions`',
    });
  }
  const wrong = (field: string, why: string, next: string) => refuse('E_VALIDATION', why, { field, next });
  if (action.effect === 'read')
    return wrong('/action', `${name} is a read: it changes nothing`, 'read one thing at a time');
  const fields = [...propertiesOf(action)].filter(([, schema]) => entityOf(schema) !== null);
  const [field, schema] = fields[0] ?? [];
  const listing = inventory.find(({ entity }) => entity === entityOf(schema));
  if (field === undefined || fields.length > 1 || listing === undefined) {
    return wrong('/action', `${name} takes no one thing that is listed on its target`, 'propose it for each by itself');
  }
  if (field in inputs) return wrong(`/inputs/${field}`, `the selection names each "${field}"`, `leave "${field}" out`);
  return accept({ field, listing, reading: actions.find((known) => known.name === listing.action) ?? null });
}

/**
 * A listing that looks where the action will act: an input that both have, such as a namespace, means the same to both, so that
 * nothing of the same name elsewhere is taken for what the labels were read of.
 */
export function listingWith({ listing, reading }: EntityField, inputs: JsonObject): EntityListing {
  const known = propertiesOf(reading);
  const shared = Object.fromEntries(Object.entries(inputs).filter(([key]) => known.has(key)));
  return { ...listing, inputs: { ...listing.inputs, ...shared } };
}
