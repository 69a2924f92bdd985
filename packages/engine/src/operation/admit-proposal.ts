import { accept, findSecrets, type Outcome, refuse } from '@countersign/protocol';
import { placeOf, recordAlone } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { labelsOf } from '../meter/work-meter.ts';
import { decideProposal } from './decide-verdict.ts';
import type { PreparedOperation } from './prepare-operation.ts';

/** The one door for steps that want a plan, proposed or edited: no reads among them, and policy lets this caller propose them. */
export async function admitProposal(
  context: EngineContext,
  caller: Caller,
  prepared: PreparedOperation,
): Promise<Outcome<null>> {
  const { actions, target } = prepared;
  const read = actions.findIndex((action) => action.effect === 'read');
  if (read >= 0) {
    return refuse('E_VALIDATION', 'a read action changes nothing and has no plan', {
      field: `/steps/${read}/action`,
      next: 'use POST /v1/actions/execute for reads',
    });
  }
  const { verdict } = decideProposal(context, caller, 'propose', prepared);
  if (verdict.decision !== 'deny') return accept(null);
  await recordAlone(context, {
    event: 'operation.denied',
    actor: actorOf(caller.principal),
    subject: { kind: 'target', id: target.name },
    outcome: 'refused',
    correlationId: caller.correlationId,
    detail: {
      ...placeOf({ target }),
      actions: actions.map((action) => action.name),
      policies: verdict.policies.map((policy) => policy.id),
      reason: verdict.reason,
    },
  });
  context.workMeter.tell({ fact: 'refused', ...labelsOf(prepared), phase: 'propose' });
  return refuse('E_POLICY_DENIED', verdict.reason, { verdict, next: 'ask an administrator what your role may do' });
}

/** Free text of a person, without the secrets it may hold: it stays in the log for good. */
export function withoutSecrets(text: string): string {
  return findSecrets(text).reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text);
}
