import type { PolicyQuestion } from '@countersign/kernel';
import { isSteppedUp } from '@countersign/protocol';
import type { Question } from './question.ts';

/** The kernel's question as it is decided: signed statements as the people that stand behind them. */
export function questionOf({ actions, approvals, ...question }: PolicyQuestion): Question {
  return {
    ...question,
    steps: actions,
    approvals: approvals.map(({ statement }) => ({
      kind: statement.kind,
      state: 'valid',
      steppedUp: isSteppedUp(statement),
      // The role was checked when the person signed; the statement stands for it.
      approver: {
        kind: 'person',
        role: statement.kind === 'approve' ? 'approver' : 'actions',
        root: statement.approver_root,
        ai: false,
        groups: statement.approver_groups ?? [],
      },
    })),
  };
}
