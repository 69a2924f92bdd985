import { actionRoutes } from './action-routes.ts';
import { draftRoutes } from './draft-routes.ts';
import { evidenceRoutes } from './evidence-routes.ts';
import { groupRoutes } from './group-routes.ts';
import { operationRoutes } from './operation-routes.ts';
import type { RouteDefinition } from './route.ts';

type Mirrored<Route extends RouteDefinition> = Omit<Route, 'lane' | 'path' | 'flag' | 'mirrors'> & {
  readonly lane: 'public';
  readonly path: string;
  readonly flag: 'public_api';
  readonly mirrors: string;
};

/** The same route below `/v1/public`: the same schemas, role, scope and handler, in the lane for other programs. */
function publicly<Route extends RouteDefinition>(mirrors: string, route: Route): Mirrored<Route> {
  const { lane: _lane, path, flag: _flag, mirrors: _mirrors, ...rest } = route;
  return { ...rest, lane: 'public', path: path.replace('/v1/', '/v1/public/'), flag: 'public_api', mirrors };
}

/** Operations, actions, drafts, groups, runs, evidence and reads of the audit log for other programs. Ids are permanent. */
export const publicRoutes = {
  publicOpsPlan: publicly('opsPlan', operationRoutes.opsPlan),
  publicOpsExecute: publicly('opsExecute', operationRoutes.opsExecute),
  publicOpsList: publicly('opsList', operationRoutes.opsList),
  publicOpsGet: publicly('opsGet', operationRoutes.opsGet),
  publicOpsEdit: publicly('opsEdit', operationRoutes.opsEdit),
  publicOpsReplan: publicly('opsReplan', operationRoutes.opsReplan),
  publicOpsConfirm: publicly('opsConfirm', operationRoutes.opsConfirm),
  publicOpsConfirmation: publicly('opsConfirmation', operationRoutes.opsConfirmation),
  publicOpsApprove: publicly('opsApprove', operationRoutes.opsApprove),
  publicOpsReject: publicly('opsReject', operationRoutes.opsReject),
  publicOpsCancel: publicly('opsCancel', operationRoutes.opsCancel),
  publicOpsResolve: publicly('opsResolve', operationRoutes.opsResolve),
  publicOpsRollback: publicly('opsRollback', operationRoutes.opsRollback),
  publicOpsEvents: publicly('opsEvents', operationRoutes.opsEvents),
  publicActions: publicly('actions', actionRoutes.actions),
  publicActionExecute: publicly('actionExecute', actionRoutes.actionExecute),
  publicActionStatus: publicly('actionStatus', actionRoutes.actionStatus),
  publicDraftList: publicly('draftList', draftRoutes.draftList),
  publicDraftCreate: publicly('draftCreate', draftRoutes.draftCreate),
  publicDraftGet: publicly('draftGet', draftRoutes.draftGet),
  publicDraftEdit: publicly('draftEdit', draftRoutes.draftEdit),
  publicDraftApprove: publicly('draftApprove', draftRoutes.draftApprove),
  publicDraftReject: publicly('draftReject', draftRoutes.draftReject),
  publicDraftGenerate: publicly('draftGenerate', draftRoutes.draftGenerate),
  publicApprovedList: publicly('approvedList', draftRoutes.approvedList),
  publicApprovedGet: publicly('approvedGet', draftRoutes.approvedGet),
  publicGroupPropose: publicly('groupPropose', groupRoutes.groupPropose),
  publicGroupGet: publicly('groupGet', groupRoutes.groupGet),
  publicRunCreate: publicly('runCreate', draftRoutes.runCreate),
  publicRunList: publicly('runList', draftRoutes.runList),
  publicRunLog: publicly('runLog', draftRoutes.runLog),
  publicRunGet: publicly('runGet', actionRoutes.runGet),
  publicArtifact: publicly('artifact', actionRoutes.artifact),
  publicEvidence: publicly('evidence', evidenceRoutes.evidence),
  publicEvidenceReplay: publicly('evidenceReplay', evidenceRoutes.evidenceReplay),
  publicReplayGet: publicly('replayGet', evidenceRoutes.replayGet),
  publicAudit: publicly('audit', evidenceRoutes.audit),
  publicAuditLeaves: publicly('auditLeaves', evidenceRoutes.auditLeaves),
  publicAuditExport: publicly('auditExport', evidenceRoutes.auditExport),
  publicProofConsistency: publicly('proofConsistency', evidenceRoutes.proofConsistency),
  publicProofInclusion: publicly('proofInclusion', evidenceRoutes.proofInclusion),
  publicCheckpoint: publicly('checkpoint', evidenceRoutes.checkpoint),
};
