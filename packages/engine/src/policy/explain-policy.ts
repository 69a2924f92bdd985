import { type PolicyQuestion, roleAt } from '@countersign/kernel';
import {
  accept,
  type ExplainPrincipal,
  type ExplainRequest,
  type ExplainView,
  type Outcome,
  type PolicyPhase,
  type PolicyView,
  refuse,
  type TargetRef,
} from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { holdsRole, sees } from '../operation/find-operation.ts';

type Asked = PolicyQuestion['principal'];

function described({ name, kind, role, root, ai }: ExplainPrincipal): Asked {
  return { id: `${kind}:${name}`, name, kind, role, root: root ?? name, ai: ai ?? kind === 'agent' };
}

/** The caller itself, or whoever it describes: what policy says of others is for administrators. */
function askedAbout(caller: Caller, target: TargetRef, other: ExplainPrincipal | undefined): Outcome<Asked> {
  if (other !== undefined) {
    const holds = holdsRole(caller, target, 'admin');
    return holds.ok ? accept(described(other)) : holds;
  }
  const { id, name, kind, root, ai } = caller.principal;
  return accept({ id, name, kind, role: roleAt(caller.principal, target) ?? 'viewer', root, ai });
}

/**
 * Why somebody may or may not do an action on a target: the verdict of the loaded policies, with their texts. A change is
 * asked about as it would stand with a plan whose checks pass and no decision yet.
 */
export async function explainPolicy(
  context: EngineContext,
  caller: Caller,
  request: ExplainRequest,
): Promise<Outcome<ExplainView>> {
  const target = context.targets.find((known) => known.name === request.target && sees(caller, known));
  if (target === undefined) {
    return refuse('E_TARGET_UNKNOWN', `there is no target "${request.target}" that you may see`, {
      field: 'target',
      next: 'see `countersign targets`',
    });
  }
  const now = context.clock.now();
  const { actions, freeze } = await context.store.read(async (reads) => ({
    actions: await context.catalogue.actions(reads),
    freeze: await reads.freezes.at(target.project, target.environment, now),
  }));
  const action = actions.find(({ name }) => name === request.action);
  if (action === undefined) {
    return refuse('E_ACTION_UNKNOWN', `there is no action "${request.action}" here`, {
      field: 'action',
      next: 'see `countersign actions`',
    });
  }
  const principal = askedAbout(caller, target, request.principal);
  if (!principal.ok) return principal;
  const { name, effect, risk } = action;
  const phase: PolicyPhase = request.phase ?? (effect === 'read' ? 'read' : 'run');
  const frozen = request.frozen ?? freeze !== null;
  const inWindow = request.in_window ?? context.windows.isOpen(target, now);
  const verdict = context.decider.decide({
    phase,
    principal: principal.value,
    target,
    actions: [{ name, effect, risk, inputs: request.inputs }],
    planned: phase === 'run' || phase === 'approve',
    checksOk: phase === 'run' ? true : null,
    approvals: [],
    aiProposed: principal.value.ai,
    frozen: phase === 'run' && frozen,
    inWindow: phase !== 'run' || inWindow,
    breakGlass: false,
  });
  const { id: _id, ...who } = principal.value;
  return accept({
    asked: { phase, principal: who, action: name, effect, risk, target, at: now, frozen, in_window: inWindow },
    verdict,
    explanation: context.policies.explain(verdict),
  });
}

/** The policies that decide now, and what is wrong with newer files. */
export function viewPolicies({ decider, policies }: Pick<EngineContext, 'decider' | 'policies'>): PolicyView {
  return {
    version: decider.version,
    profile: decider.profile,
    policies: policies.list().map(({ id, effect, file, line, text }) => ({ id, effect, file, line, text })),
    faults: policies.faults().map(({ file, policy, line, problem, expected }) => {
      return { file, policy, line, problem, expected };
    }),
  };
}
