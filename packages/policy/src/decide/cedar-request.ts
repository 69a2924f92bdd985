import type { CedarValueJson, Context, EntityJson, StatefulAuthorizationCall } from '@cedar-policy/cedar-wasm/nodejs';
import type { Obligation } from '@countersign/protocol';
import { reached, type Standing } from '../approvals/standing.ts';
import { inputEntities } from '../facts/input-facts.ts';
import type { PolicySet } from '../load/policy-set.ts';
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
        attrs: named(set, {
          name: principal.name,
          kind: entity('Kind', principal.kind),
          role: entity('Role', principal.role),
          ai: principal.ai,
          root: principal.root,
        }),
        parents: [],
      },
      {
        uid: { type: 'Target', id: target.name },
        attrs: named(set, {
          project: target.project,
          environment: target.environment,
          tier: entity('Tier', target.tier),
          connector: target.connector,
        }),
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

/** Of facts, those that some loaded policy names: a question is asked for every operation, and most of its time goes with its size. */
function named(set: PolicySet, facts: Context): Context {
  return Object.fromEntries(Object.entries(facts).filter(([name]) => set.words.has(name)));
}

/** Cedar's call for one step. */
export function cedarCall(question: CedarQuestion, step: StepFacts): StatefulAuthorizationCall {
  const [principal, target] = question.entities;
  const inputs = question.set.words.has('inputs') ? inputEntities(step.inputs) : null;
  return {
    principal: principal.uid,
    action: { type: 'Action', id: question.approving ? 'approve' : step.effect },
    resource: target.uid,
    context: {
      ...named(question.set, { ...question.facts, action: step.name, risk: entity('Risk', step.risk) }),
      ...(inputs === null ? {} : { inputs: entity('Inputs', 'step') }),
    },
    preparsedSchemaName: question.set.handle,
    validateRequest: true,
    preparsedPolicySetId: question.set.handle,
    entities: [principal, target, ...(inputs ?? [])],
  };
}

function entity(type: string, id: string): CedarValueJson {
  return { __entity: { type, id } };
}
