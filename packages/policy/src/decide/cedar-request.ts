import type { CedarValueJson, Context, EntityJson, StatefulAuthorizationCall } from '@cedar-policy/cedar-wasm/nodejs';
import type { Obligation } from '@countersign/protocol';
import { countQuorum } from '../approvals/count-quorum.ts';
import type { PolicySet } from '../load/policy-set.ts';
import type { Question, StepFacts } from './question.ts';

/** A question as Cedar reads it; what differs between steps is added per step. */
export interface CedarQuestion {
  readonly set: PolicySet;
  readonly entities: readonly [principal: EntityJson, target: EntityJson];
  readonly facts: Context;
}

/** Turns a question into Cedar's entities and context; approvals are counted by the set's own profile. */
export function cedarQuestion(set: PolicySet, question: Question): CedarQuestion {
  const { principal, target } = question;
  const quorum = countQuorum(principal.root, question.approvals, set.profile);
  return {
    set,
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
      confirmed: quorum.confirmed,
      approvals: quorum.approvals,
      step_up: question.steppedUp,
      ai_proposed: question.aiProposed,
      solo: set.profile === 'solo',
    },
  };
}

/** The same question as it would stand once these obligations are met. */
export function withObligationsMet(question: CedarQuestion, obligations: readonly Obligation[]): CedarQuestion {
  const met: Context = {};
  for (const obligation of obligations) {
    if (obligation.kind === 'approve') met.approvals = obligation.count;
    else met[obligation.kind === 'confirm' ? 'confirmed' : 'step_up'] = true;
  }
  return { ...question, facts: { ...question.facts, ...met } };
}

/** Cedar's call for one step. */
export function cedarCall(question: CedarQuestion, step: StepFacts): StatefulAuthorizationCall {
  const [principal, target] = question.entities;
  return {
    principal: principal.uid,
    action: { type: 'Action', id: step.effect },
    resource: target.uid,
    context: { ...question.facts, action: step.name, risk: entity('Risk', step.risk) },
    preparsedSchemaName: question.set.version,
    validateRequest: true,
    preparsedPolicySetId: question.set.version,
    entities: [principal, target],
  };
}

function entity(type: string, id: string): CedarValueJson {
  return { __entity: { type, id } };
}
