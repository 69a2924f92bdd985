export { type Decision, decideApproval } from './approval/decide-approval.ts';
export { type AuditFact, operationSubject, recordAlone, recordAudit } from './audit/record-audit.ts';
export { advanceCheckpoint } from './audit/sign-checkpoint.ts';
export { Catalogue } from './catalogue/catalogue.ts';
export { nearest } from './catalogue/nearest.ts';
export { reservedTypes } from './catalogue/reserved-actions.ts';
export { resolveTarget } from './catalogue/resolve-target.ts';
export { type ValidStep, validateSteps } from './catalogue/validate-steps.ts';
export { type Actor, actorOf, type Caller, systemActor, workerActor } from './context/actor.ts';
export type { BundleFolder, CrashPoint, CrashPoints, EngineContext, EngineSettings } from './context/context.ts';
export { jobsTopic, operationTopic, sealTopic, WakeUps } from './context/wake-ups.ts';
export { anchorBundles, proveLeaf } from './evidence/anchor-bundle.ts';
export { bundleLog } from './evidence/bundle-log.ts';
export { sealOperation } from './evidence/seal-bundle.ts';
export { viewEvidence } from './evidence/view-evidence.ts';
export { decideProposal, decideRun } from './operation/decide-verdict.ts';
export { editOperation, replanOperation } from './operation/edit-operation.ts';
export { notFound } from './operation/find-operation.ts';
export { nextSteps } from './operation/next-steps.ts';
export {
  bodyFingerprint,
  type PreparedOperation,
  prepareOperation,
  refuseReserved,
} from './operation/prepare-operation.ts';
export { claimKey, type Proposal, proposeOperation } from './operation/propose-operation.ts';
export { listOperations, readOperation } from './operation/read-operation.ts';
export { strictest } from './operation/strictest.ts';
export { viewOperation } from './operation/view-operation.ts';
export { waitForOperation, waitForPlan } from './operation/wait-for-operation.ts';
export { recordPlan } from './plan/record-plan.ts';
export { showPlan } from './plan/show-plan.ts';
export { cancelOperation } from './run/cancel-operation.ts';
export { createRun, newRun } from './run/create-run.ts';
export { endRun, leaveUnknown, type RunEnd } from './run/end-run.ts';
export { enqueue } from './run/enqueue.ts';
export { executeAction } from './run/execute-action.ts';
export { executeRead } from './run/execute-read.ts';
export { proposeRollback } from './run/propose-rollback.ts';
export { type KnownOutcome, resolveOutcome, settleUnknown } from './run/resolve-outcome.ts';
export { type StartRequest, startRun } from './run/start-run.ts';
export { viewAction } from './run/view-action.ts';
export { viewRun, viewStep } from './run/view-run.ts';
export { openInputs, sealInputs } from './secret/sealed-inputs.ts';
export { createVault, type Vault } from './secret/vault.ts';
export { panicIsOn, setPanic } from './setting/panic.ts';
export { emit, followOperation } from './stream/operation-stream.ts';
export { sealPending, startSweeper, sweepLeases } from './sweep/sweeper.ts';
export { authenticate } from './token/authenticate.ts';
export { createFirstToken, createToken, revokeToken, viewToken } from './token/create-token.ts';
export { newTokenText, tokenHash } from './token/token-text.ts';
export { runValidation, validationStatus } from './validation/run-validation.ts';
export { claimJob } from './worker/claim-job.ts';
export { completeJob } from './worker/complete-job.ts';
export { heldJob } from './worker/held-job.ts';
export { workerPort } from './worker/in-process-port.ts';
export { recordIntent, recordOutcome } from './worker/record-step.ts';
export { registerWorker } from './worker/register-worker.ts';
export { takeBack } from './worker/take-back.ts';
