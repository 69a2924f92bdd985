import { isDeepStrictEqual } from 'node:util';
import {
  type PolicyJson,
  policyToJson,
  preparsePolicySet,
  type SchemaJson,
  schemaToJson,
} from '@cedar-policy/cedar-wasm/nodejs';
import type { LoadedPolicy, PolicySlice } from './policy-set.ts';

type Namespace = SchemaJson<string>[string];

/** What questions are held against: the words of each enumerated entity, and each action that can be asked about, with the groups it is in. */
export interface SchemaWords {
  readonly enumerations: ReadonlyMap<string, ReadonlySet<string>>;
  readonly actions: ReadonlyMap<string, readonly string[]>;
}

/** Reads the words of a schema that Cedar has accepted. */
export function schemaWords(schema: string): SchemaWords {
  const answer = schemaToJson(schema);
  if (answer.type === 'failure') throw refused(answer.errors);
  const { entityTypes = {}, actions = {} }: Partial<Namespace> = answer.json[''] ?? {};
  const enumerations = new Map<string, ReadonlySet<string>>();
  for (const [name, type] of Object.entries(entityTypes)) {
    if ('enum' in type) enumerations.set(name, new Set(type.enum));
  }
  const groups = (id: string): string[] =>
    (actions[id]?.memberOf ?? []).flatMap((group) => [group.id, ...groups(group.id)]);
  const asked = Object.entries(actions).filter(([, { appliesTo }]) => (appliesTo?.principalTypes.length ?? 0) > 0);
  return { enumerations, actions: new Map(asked.map(([id]) => [id, groups(id)])) };
}

/**
 * For each action what Cedar decides it with: the policies whose scope holds it, their scope already decided. Cedar is then
 * told neither the schema nor its actions with each question, which took half of a question's time.
 */
export function slicePolicies(
  handle: string,
  policies: Iterable<LoadedPolicy>,
  actions: SchemaWords['actions'],
): Map<string, PolicySlice> {
  const read = [...policies].map(readScope);
  const slices = new Map<string, PolicySlice>();
  for (const [action, groups] of actions) {
    const held = read.filter(({ policy }) => scopeHolds(policy, action, groups));
    slices.set(action, preparse(`${handle}#${action}`, held, { action, groups }));
  }
  return slices;
}

/** Lets go of what Cedar keeps for a slice; whoever asks it afterwards is denied. Cedar forgets no name, so an empty one stays. */
export function releaseSlice({ handle }: PolicySlice): void {
  preparsePolicySet(handle, { staticPolicies: {} });
}

function parse(text: string): PolicyJson {
  const answer = policyToJson(text);
  if (answer.type === 'failure') throw refused(answer.errors);
  return answer.json;
}

/** A policy with the text of it that asks about the action in its conditions alone; null where such a text was not found. */
interface ScopedPolicy {
  readonly id: string;
  readonly text: string;
  readonly policy: PolicyJson;
  readonly unscoped: string | null;
}

const actionScope = /\baction\s+(?:in|==)\s+(?:\[[^\]]*\]|(?:\w+::)*Action::"[^"]*")/;

/** The text is changed and not what Cedar reads of it, since its numbers do not fit JSON; that nothing else changed is seen there. */
function readScope({ id, text }: LoadedPolicy): ScopedPolicy {
  const policy = parse(text);
  const unscoped = text.replace(actionScope, 'action');
  const wanted: PolicyJson = { ...policy, action: { op: 'All' } };
  return { id, text, policy, unscoped: isDeepStrictEqual(parse(unscoped), wanted) ? unscoped : null };
}

function scopeHolds({ action: scope }: PolicyJson, action: string, groups: readonly string[]): boolean {
  if (scope.op === 'All') return true;
  const named = 'entities' in scope ? scope.entities : 'entity' in scope ? [scope.entity] : [];
  const ids = named.map((entity) => ('__entity' in entity ? entity.__entity : entity).id);
  return ids.some((id) => id === action || (scope.op === 'in' && groups.includes(id)));
}

function preparse(
  handle: string,
  held: readonly ScopedPolicy[],
  { action, groups }: { readonly action: string; readonly groups: readonly string[] },
): PolicySlice {
  const staticPolicies = Object.fromEntries(held.map(({ id, text, unscoped }) => [id, unscoped ?? text]));
  const answer = preparsePolicySet(handle, { staticPolicies });
  if (answer.type === 'failure') throw refused(answer.errors);
  const parts = JSON.stringify(held.map(({ policy }) => [policy.principal, policy.resource, policy.conditions]));
  const asks = parts.includes('{"Var":"action"}') || held.some(({ unscoped }) => unscoped === null);
  const parents = groups.map((id) => ({ type: 'Action', id }));
  return {
    handle,
    words: new Set(parts.match(/\w+/g)),
    actionEntity: asks ? { uid: { type: 'Action', id: action }, attrs: {}, parents } : null,
  };
}

function refused(errors: readonly { readonly message: string }[]): Error {
  return new Error(`Cedar refused a validated policy set: ${errors.map(({ message }) => message).join('; ')}`);
}
