import { z } from 'zod';
import { Uuid } from '../scalar/scalar.ts';
import { ApprovalStatement } from './approval.ts';

/** Most operations that one statement names. */
export const mostSigned = 100;

const { op_id, bundle_id, plan_digest, verdict_digest, requester_root, ...ofPerson } = ApprovalStatement.shape;

/**
 * What a person signs who decides on a list at once: exactly these plans, each under exactly its verdict, sorted by `op_id`. For
 * each operation it says what an approval statement for that operation alone would say (`memberStatement`), and no more.
 */
export const GroupApprovalStatement = z.strictObject({
  ...ofPerson,
  schema: z.literal('countersign.group-approval.v1'),
  kind: z.enum(['confirm', 'approve']),
  group_id: Uuid,
  operations: z
    .array(z.strictObject({ op_id, bundle_id, plan_digest, verdict_digest, requester_root }))
    .min(1)
    .max(mostSigned),
});
export type GroupApprovalStatement = z.infer<typeof GroupApprovalStatement>;

/** What a signed list says of one of its operations; null where it does not name it, or not once. */
export function memberStatement(
  { operations, group_id: _group, schema: _schema, ...person }: GroupApprovalStatement,
  opId: string,
): ApprovalStatement | null {
  const [member, ...more] = operations.filter((each) => each.op_id === opId);
  if (member === undefined || more.length > 0) return null;
  return { schema: 'countersign.approval.v1', ...person, ...member };
}
