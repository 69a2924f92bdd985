import {
  type ApprovedView,
  type EvidenceView,
  type RunSummary,
  type TaskPlanView,
  Uuid,
  uuidOfUlid,
} from '@countersign/protocol';
import { answerAlike } from '../unknown/answer-alike.ts';
import type { Bridge } from './bridge.ts';
import { unlessRefused } from './upstream-error.ts';

// Everything of an operation that this program serves is asked for here. Drafts and operations are asked for nowhere: reading one
// would count as shown to the caller, and what was not approved would be one mistake away from a model.

/** What the server says of an id under which the caller may see nothing approved. */
const nothing = ['E_NOT_FOUND', 'E_NOT_APPROVED', 'E_APPROVAL_REQUIRED', 'E_GONE'] as const;

const isSpelled = (prefix: 'a_' | 'r_', id: string): boolean =>
  id.startsWith(prefix) && uuidOfUlid(id.slice(2)) !== null;

/** What was approved under an id. @throws ProtocolError -32602, the same for a draft, a foreign id and an unknown one. */
export async function approvedContent({ client, pace }: Bridge, id: string): Promise<ApprovedView> {
  return await answerAlike(pace, id, async () => {
    // A draft's spelling is refused without a look: it may be the very operation that was approved as `a_…`.
    if (!isSpelled('a_', id)) return null;
    return await unlessRefused(nothing, () => client.call('approvedGet', { params: { approved_id: id } }));
  });
}

/** What was approved and has not run, newest first, as far as the caller sees it. */
export async function approvedList({ client }: Bridge): Promise<readonly ApprovedView[]> {
  return (await client.call('approvedList')).approved;
}

/** Starts the one run of what was approved. The same key again answers the same run. */
export async function startApproved(bridge: Bridge, id: string, key: string): Promise<string> {
  const { client, pace } = bridge;
  await approvedContent(bridge, id);
  return await answerAlike(pace, id, async () => {
    const body = { approved_id: id, request_id: key };
    const started = await unlessRefused(nothing, () => client.call('runCreate', { body }));
    return started?.run_id ?? null;
  });
}

/** One run of what was approved, with what it said. @throws ProtocolError -32602 as `approvedContent`. */
export async function approvedRun({ client, pace }: Bridge, id: string): Promise<RunSummary> {
  return await answerAlike(pace, id, async () => {
    if (!isSpelled('r_', id)) return null;
    return await unlessRefused(nothing, () => client.call('runLog', { params: { run_id: id } }));
  });
}

/** A bundle that is sealed. One that is not yet is answered as an unknown one: its operation may never have been approved. */
export async function sealedBundle({ client, pace }: Bridge, id: string): Promise<EvidenceView> {
  return await answerAlike(pace, id, async () => {
    if (!Uuid.safeParse(id).success) return null;
    const evidence = await unlessRefused(nothing, () => client.call('evidence', { params: { bundle_id: id } }));
    return evidence?.state === 'sealed' || evidence?.state === 'anchored' ? evidence : null;
  });
}

/** The installation's task list; null where nobody wrote one. */
export async function taskPlan({ client }: Bridge): Promise<TaskPlanView | null> {
  return await unlessRefused(['E_NOT_FOUND'], () => client.call('taskPlanGet'));
}
