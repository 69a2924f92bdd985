import { visibleLine } from '@countersign/evidence';
import type { Obligation, OperationView, Verdict } from '@countersign/protocol';
import type { Colors } from './colors.ts';

function obligationText(obligation: Obligation, verdict: Verdict): string {
  if (obligation.kind === 'confirm') return 'your confirmation';
  if (obligation.kind === 'step_up') return 'a fresh proof of who they are by whoever decides';
  if (obligation.group !== undefined) {
    return `approval by ${obligation.count} of group ${visibleLine(obligation.group)}`;
  }
  if (verdict.profile === 'solo')
    return `${obligation.count} approval${obligation.count === 1 ? '' : 's'} (solo profile: may be your own)`;
  return obligation.count === 1 ? 'approval by another person' : `approval by ${obligation.count} other people`;
}

/** What policy says, in words: `needs your confirmation`. */
export function decisionText(verdict: Verdict): string {
  if (verdict.decision === 'allow') return 'allowed';
  if (verdict.decision === 'deny') return 'denied';
  return `needs ${verdict.obligations.map((obligation) => obligationText(obligation, verdict)).join(' and ') || 'a decision'}`;
}

/** One line: environment, decision, deciding policies, reason. `stage: needs your confirmation — policy stage-confirm`. */
export function renderVerdict(operation: Pick<OperationView, 'verdict' | 'target'>, colors: Colors): string {
  const { verdict, target } = operation;
  if (verdict === null) return `${visibleLine(target.environment)}: no verdict yet`;
  const paint = { allow: colors.green, deny: colors.red, needs: colors.yellow }[verdict.decision];
  const ids = verdict.policies.map(({ id }) => visibleLine(id));
  const policies = ids.length === 0 ? '' : ` — ${ids.length === 1 ? 'policy' : 'policies'} ${ids.join(', ')}`;
  const reason = verdict.reason === '' ? '' : `\n  ${colors.dim(visibleLine(verdict.reason))}`;
  return `${visibleLine(target.environment)}: ${paint(decisionText(verdict))}${policies}${reason}`;
}
