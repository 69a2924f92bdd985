import { visibleLine } from '@countersign/evidence';
import type { Obligation, OperationView } from '@countersign/protocol';
import type { Context } from '../program/context.ts';

/** Whether policy still wants this of somebody. */
export function hasObligation(operation: OperationView, kind: Obligation['kind']): boolean {
  return operation.verdict?.decision === 'needs' && operation.verdict.obligations.some((one) => one.kind === kind);
}

/** Who must do what before the run may start, with the exact commands. */
export function waitingLines(operation: OperationView): string[] {
  const { op_id: opId, requester, verdict } = operation;
  const lines: string[] = [];
  for (const obligation of verdict?.decision === 'needs' ? verdict.obligations : []) {
    if (obligation.kind === 'confirm') {
      lines.push(
        `${visibleLine(requester.ai ? requester.root : requester.name)}, who asked for it, must confirm:`,
        `  countersign confirm ${opId}`,
      );
    } else if (obligation.kind === 'approve') {
      const from = obligation.group === undefined ? '' : ` of group ${visibleLine(obligation.group)}`;
      const others =
        verdict?.profile === 'solo'
          ? `a person${from} with role approver`
          : `a person${from} other than ${visibleLine(requester.root)}, with role approver,`;
      const times = obligation.count > 1 ? ` (${obligation.count} of them)` : '';
      lines.push(`${others} must approve${times}:`, `  countersign approve ${opId}`);
    } else {
      lines.push('and whoever decides must have proven afresh who they are, at most five minutes before');
    }
  }
  lines.push('then run it:', `  countersign start ${opId}`);
  return lines;
}

/** Tells on stderr what the operation waits for. */
export function explainWaiting(context: Context, operation: OperationView): void {
  const { print } = context;
  const denied = operation.verdict?.decision === 'deny';
  if (denied) {
    print.note(`${print.noteColors.red('Not run')}: policy denies it.`);
    return;
  }
  print.note(`\n${print.noteColors.yellow('Waiting')}: not run yet.`);
  for (const line of waitingLines(operation)) print.note(`  ${line}`);
}
