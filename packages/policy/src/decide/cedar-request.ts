import type { CedarValueJson, Context, EntityJson, StatefulAuthorizationCall } from '@cedar-policy/cedar-wasm/nodejs';
import type { Obligation } from '@countersign/protocol';
import { reached, type Standing } from '../approvals/standing.ts';
import { inputEntities } from '../facts/input-facts.ts';
import type { PolicySet, PolicySlice } from '../load/policy-set.ts';
import type { Question, StepFacts } from './question.ts';

/** A question as Cedar reads it; what differs between steps is added per step. */
export interface CedarQuestion {
  readonly set: PolicySet;
  readonly entities: readonly [principal: EntityJson, target: EntityJson];
  readonly facts: Context;
  readonly approving: boolean;
}

/** Turns a question into Cedar's entities and context, with what the decisions so far bring about. */
export function cedarQuestion(set: PolicySet, question: Question, standing: Standing): CedarQuestion {
  const { principal, target } = question;
  return {
    set,
    approving: question.phase === 'approve',
    entities: [
      {
        uid: { type: 'Principal', id: principal.id },
        attrs: {
          name: principal.name,
          kind: entity('Kind', principal.kind),
          role: entity('Role', principal.role),
          ai: principal.ai,
          root: principal.root,
        },
        parents: [],
      },
      {
        uid: { type: 'Target', id: target.name },
        attrs: {
          project: target.project,
          environment: target.environment,
          tier: entity('Tier', target.tier),
          connector: target.connector,
        },
        parents: [],
      },
    ],
    facts: {
      phase: entity('Phase', question.phase),
      planned: question.planned,
      ...(question.checksOk === null ? {} : { checks_ok: question.checksOk }),
      confirmed: standing.confirmed,
      approvals: standing.approvals,
      approved_by: [...standing.approvedBy],
      step_up: standing.stepUp,
      ai_proposed: question.aiProposed,
      solo: set.profile === 'solo',
      frozen: question.frozen,
      in_window: question.inWindow,
      break_glass: question.breakGlass,
    },
  };
}

/** The same question as it would stand once these obligations are met. */
export function withObligationsMet(question: CedarQuestion, obligations: readonly Obligation[]): CedarQuestion {
  const met: Context = {};
  const groups: CedarValueJson[] = [];
  for (const obligation of obligations) {
    if (obligation.kind !== 'approve') met[obligation.kind === 'confirm' ? 'confirmed' : 'step_up'] = true;
    else if (obligation.group === undefined) met.approvals = obligation.count;
    else groups.push(...reached(obligation.group, obligation.count));
  }
  const { approved_by: before } = question.facts;
  met.approved_by = [...(Array.isArray(before) ? before : []), ...groups];
  return { ...question, facts: { ...question.facts, ...met } };
}

/** Cedar's call for one step. */
export function cedarCall(question: CedarQuestion, step: StepFacts): StatefulAuthorizationCall {
  const { set, facts, approving } = question;
  const [principal, target] = question.entities;
  const action = approving ? 'approve' : step.effect;
  const slice = set.slices.get(action);
  const inputs = slice === undefined || slice.words.has('inputs') ? inputEntities(step.inputs) : null;
  const entities = [told(slice, principal), told(slice, target), ...(inputs ?? [])];
  return {
    principal: principal.uid,
    action: { type: 'Action', id: action },
    resource: target.uid,
    context: {
      ...named(slice, { ...facts, action: step.name, risk: entity('Risk', step.risk) }),
      ...(inputs === null ? {} : { inputs: entity('Inputs', 'step') }),
    },
    preparsedPolicySetId: slice?.handle ?? `no policies for Action::"${action}"`,
    entities: slice?.actionEntity == null ? entities : [...entities, slice.actionEntity],
  };
}

/** Of facts, those that some policy names: a question is asked for every operation, and most of its time goes with its size. */
function named(slice: PolicySlice | undefined, facts: Context): Context {
  if (slice === undefined) return facts;
  return Object.fromEntries(Object.entries(facts).filter(([name]) => slice.words.has(name)));
}

function told(slice: PolicySlice | undefined, { uid, attrs, parents }: EntityJson): EntityJson {
  return { uid, attrs: named(slice, attrs), parents };
}

/** The first fact whose word the schema does not know: policies were checked against the schema, and would silently not match it. */
export function unknownWord({ set, facts, entities }: CedarQuestion, step: StepFacts): string | null {
  const words = [...entities.flatMap(({ attrs }) => Object.values(attrs)), facts.phase, entity('Risk', step.risk)];
  for (const word of words) {
    if (!isEntityWord(word)) continue;
    const { type, id } = word.__entity;
    if (set.enumerations.get(type)?.has(id) === false) return `${type}::"${id}"`;
  }
  return null;
}

function isEntityWord(value: CedarValueJson | undefined): value is { __entity: { type: string; id: string } } {
  return typeof value === 'object' && value !== null && '__entity' in value;
}

function entity(type: string, id: string): CedarValueJson {
  return { __entity: { type, id } };
}
