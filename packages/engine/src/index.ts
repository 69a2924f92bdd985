export { announceWaiting } from './approval/announce-waiting.ts';
export type { Decision } from './approval/decidable.ts';
export { decideApproval } from './approval/decide-approval.ts';
export { decideGroup } from './approval/decide-group.ts';
export { issueConfirmation } from './approval/issue-confirmation.ts';
export { issueGroupConfirmation } from './approval/issue-group-confirmation.ts';
export { remindPeople } from './approval/remind-people.ts';
export { AuditCounts } from './audit/audit-counts.ts';
export { recomputeRoot } from './audit/check-log.ts';
export type { CheckpointSink } from './audit/checkpoint-sink.ts';
export { exportCheckpoint, retryAfterMs, startExports } from './audit/export-checkpoints.ts';
export { exportLog } from './audit/export-log.ts';
export { proveConsistency, proveInclusion } from './audit/prove-log.ts';
export { exportFound, queryLog, takesEverything } from './audit/query-log.ts';
export { type AuditFact, operationSubject, recordAlone, recordAudit } from './audit/record-audit.ts';
export { advanceCheckpoint } from './audit/sign-checkpoint.ts';
export { unsignedSince } from './audit/unsigned-since.ts';
export { type BackupFolder, type BackupProgress, type BackupSummary, Backups } from './backup/make-backup.ts';
export { type RestoreFact, recordRestore } from './backup/record-restore.ts';
export { breakGlass, listBreakGlass, reviewBreakGlass } from './break-glass/break-glass.ts';
export { Catalogue } from './catalogue/catalogue.ts';
export { nearest } from './catalogue/nearest.ts';
export { reservedTypes } from './catalogue/reserved-actions.ts';
export { resolveTarget } from './catalogue/resolve-target.ts';
export { type ValidStep, validateSteps } from './catalogue/validate-steps.ts';
export { askCommand, listCommands } from './command/ask-command.ts';
export {
  type Actor,
  actorOf,
  type Caller,
  type Credential,
  internalCaller,
  requesterOf,
  stepUpFreshMs,
  systemActor,
  tokenIdOf,
  workerActor,
} from './context/actor.ts';
export { type CommitName, commit, commitNames } from './context/commit.ts';
export type {
  BundleFolder,
  CrashPoint,
  CrashPoints,
  EngineContext,
  EngineSettings,
  ModelSettings,
} from './context/context.ts';
export { credentialsTopic, jobsTopic, stateTopic, WakeUps } from './context/wake-ups.ts';
export { agentConnector, agentManifest } from './dispatch/agent-connector.ts';
export { claimDispatch } from './dispatch/claim-dispatch.ts';
export { DispatchLogs } from './dispatch/dispatch-log.ts';
export { finishDispatch, keepDispatch, reportDispatch } from './dispatch/report-dispatch.ts';
export { generateDraft } from './draft/ask-provider.ts';
export { decideDraft } from './draft/decide-draft.ts';
export { listApproved, listDrafts } from './draft/list-drafts.ts';
export { readApproved, readDraft } from './draft/read-draft.ts';
export { startGenerations } from './draft/run-generations.ts';
export { startApproved } from './draft/start-approved.ts';
export { listRuns, readRunLog } from './draft/view-runs.ts';
export { createDraft, editDraft } from './draft/write-draft.ts';
export { enrolWorker } from './enrolment/enrol-worker.ts';
export { listEnrolments, makeEnrolment, revokeEnrolment } from './enrolment/make-enrolment.ts';
export { anchorBundles, proveLeaf, treeReader } from './evidence/anchor-bundle.ts';
export { bundleLog } from './evidence/bundle-log.ts';
export { renewProofs } from './evidence/renew-proofs.ts';
export { sealOperation } from './evidence/seal-bundle.ts';
export { viewEvidence } from './evidence/view-evidence.ts';
export {
  addPasskey,
  beginPasskey,
  beginTotp,
  confirmTotp,
  readAccount,
  removePasskey,
  removeTotp,
} from './factor/own-factors.ts';
export { freezeEnvironment, liftFreeze, listFreezes } from './freeze/freeze-environment.ts';
export { advanceGroups } from './group/advance-group.ts';
export { proposeGroup } from './group/propose-group.ts';
export { proposeSelection } from './group/propose-selection.ts';
export { startGroup } from './group/start-group.ts';
export { stopGroup } from './group/stop-group.ts';
export { readGroup, readJob } from './group/view-group.ts';
export { readTargetInventory } from './inventory/read-target-inventory.ts';
export { invitePerson, resetPerson } from './invite/make-invite.ts';
export { offerInvite, redeemInvite } from './invite/redeem-invite.ts';
export { expireInvites, listInvites, revokeInvite } from './invite/revoke-invite.ts';
export { firstKey } from './key/first-key.ts';
export { pendingRotation } from './key/hand-over.ts';
export type { KeyRing } from './key/key-ring.ts';
export { publicKeyOf, readTrust } from './key/read-trust.ts';
export { listKeys, rotateKey, viewKey } from './key/rotate-key.ts';
export { MemoryRateLimiter } from './limit/memory-rate-limiter.ts';
export { computeMeasures } from './measure/compute-measures.ts';
export { readStanding, type Standing } from './meter/read-standing.ts';
export type { WorkFact, WorkLabels } from './meter/work-fact.ts';
export { WorkMeter } from './meter/work-meter.ts';
export { admitProposal, withoutSecrets } from './operation/admit-proposal.ts';
export { decideProposal, decideRun, decideStart } from './operation/decide-verdict.ts';
export { editOperation, replanOperation } from './operation/edit-operation.ts';
export { findOperation, holdsRole, lockOperation, notFound, sees } from './operation/find-operation.ts';
export { claimKey, findKey, type IdempotencyKey } from './operation/idempotency-key.ts';
export { nextSteps } from './operation/next-steps.ts';
export { type PreparedOperation, prepareOperation, refuseReserved } from './operation/prepare-operation.ts';
export { type Proposal, proposeOperation } from './operation/propose-operation.ts';
export { listOperations, readOperation } from './operation/read-operation.ts';
export { strictest } from './operation/strictest.ts';
export { viewOperation } from './operation/view-operation.ts';
export { waitForOperation, waitForPlan } from './operation/wait-for-operation.ts';
export { changePassword } from './person/change-password.ts';
export {
  disablePerson,
  enablePerson,
  grantPerson,
  listPeople,
  signOutPerson,
} from './person/change-person.ts';
export { recordPlan } from './plan/record-plan.ts';
export { showPlan } from './plan/show-plan.ts';
export { InventoryCache } from './planner/inventory-cache.ts';
export { planPrompt } from './planner/plan-prompt.ts';
export { explainPolicy, viewPolicies } from './policy/explain-policy.ts';
export { policiesAtStart, policiesHaveChanged, reloadPolicies } from './policy/reload-policies.ts';
export { activeProvider } from './provider/active-provider.ts';
export { budgetedProvider } from './provider/budgeted-provider.ts';
export { providersAtStart, providersHaveChanged } from './provider/follow-configuration.ts';
export { ModelMeter, type ModelObserver, type PlannerStatus } from './provider/model-meter.ts';
export { switchProvider } from './provider/switch-provider.ts';
export { testProvider } from './provider/test-provider.ts';
export { TokenBudget } from './provider/token-budget.ts';
export { viewProviders } from './provider/view-providers.ts';
export { replayEvidence } from './replay/replay-evidence.ts';
export { viewReplay } from './replay/view-replay.ts';
export { type RepositoryQuestion, type RepositoryRead, readRepository } from './repository/read-repository.ts';
export type { RetentionSettings } from './retention/apply-retention.ts';
export { Retention } from './retention/retention.ts';
export { cancelOperation } from './run/cancel-operation.ts';
export { createRun, newRun, startByItself } from './run/create-run.ts';
export { endRun, leaveUnknown, type RunEnd } from './run/end-run.ts';
export { enqueue } from './run/enqueue.ts';
export { executeAction } from './run/execute-action.ts';
export { executeRead } from './run/execute-read.ts';
export { proposeRollback } from './run/propose-rollback.ts';
export { type KnownOutcome, resolveOutcome, settleUnknown } from './run/resolve-outcome.ts';
export { startRun } from './run/start-run.ts';
export { viewAction } from './run/view-action.ts';
export { readArtifact, readRun, viewRun, viewStep } from './run/view-run.ts';
export { secretsInBase64, textsOfSecret } from './secret/decoded-secrets.ts';
export { allForms, asObject, ofItem, ofProperty } from './secret/schema-walk.ts';
export { holdsSealedMark, openInputs, sealInputs } from './secret/sealed-inputs.ts';
export { createVault, type Vault } from './secret/vault.ts';
export { authenticateSession } from './session/authenticate-session.ts';
export { listSessions, revokeSession, signOut } from './session/end-session.ts';
export type { OpenedSession } from './session/open-session.ts';
export { SessionUses } from './session/session-uses.ts';
export { panicBySignal, panicIsOn, setPanic } from './setting/panic.ts';
export { boundHasher } from './sign-in/bounded-hasher.ts';
export { LimitNotes } from './sign-in/limit-notes.ts';
export type {
  ExternalProfile,
  GroupMapping,
  HostCodes,
  IdentityProvider,
  NewPasskey,
  PasskeyVerifier,
  PasswordHasher,
  ProviderChecks,
  RelyingParty,
} from './sign-in/ports.ts';
export type { SignIn, SignInOrigin, SignInSettings } from './sign-in/sign-in.ts';
export { beginPasskeySignIn, signInWithPasskey } from './sign-in/sign-in-with-passkey.ts';
export { signInWithPassword } from './sign-in/sign-in-with-password.ts';
export {
  beginProviderSignIn,
  finishProviderSignIn,
  type ProviderCallback,
  type ProviderRedirect,
  type ProviderSignIn,
} from './sign-in/sign-in-with-provider.ts';
export { tidySignIns } from './sign-in/tidy-sign-ins.ts';
export { beginHostStepUp } from './step-up/host-code.ts';
export { beginPasskeyStepUp, type SteppedUp, stepUp, viewStepUp } from './step-up/step-up.ts';
export { emit } from './stream/operation-stream.ts';
export { type LineSink, StreamReader } from './stream/stream-reader.ts';
export { type StreamPages, StreamTail } from './stream/stream-tail.ts';
export { type HeldTail, StreamTails } from './stream/stream-tails.ts';
export { sealPending, startSweeper, sweepLeases } from './sweep/sweeper.ts';
export { assignedTargets } from './target/assigned-targets.ts';
export { addTarget, changeTarget, managedTarget, removeTarget } from './target/manage-target.ts';
export { type TargetReadiness, targetReadiness } from './target/target-readiness.ts';
export { TargetRegistry } from './target/target-registry.ts';
export { testTarget } from './target/test-target.ts';
export { putTaskPlan, readTaskPlan } from './task-plan/task-plan.ts';
export { type Authenticated, authenticate } from './token/authenticate.ts';
export { admitFirstToken, createToken, hasNoToken, isToken } from './token/create-token.ts';
export { listTokens } from './token/list-tokens.ts';
export { revokeToken } from './token/revoke-token.ts';
export { newTokenText, tokenHash } from './token/token-text.ts';
export { TokenUses } from './token/token-uses.ts';
export { runValidation, validationStatus } from './validation/run-validation.ts';
export { resendLetters, testWebhook, viewWebhooks } from './webhook/tend-webhooks.ts';
export type { WebhookEndpoint } from './webhook/webhook-endpoint.ts';
export { startWebhooks } from './webhook/webhook-loops.ts';
export { type ChangeWindow, ChangeWindows, isTimeZone, weekdays } from './window/change-windows.ts';
export { claimJob } from './worker/claim-job.ts';
export { completeJob } from './worker/complete-job.ts';
export { heldJob } from './worker/held-job.ts';
export { workerPort } from './worker/in-process-port.ts';
export { listWorkers } from './worker/list-workers.ts';
export { recordIntent, recordOutcome } from './worker/record-step.ts';
export { registerWorker } from './worker/register-worker.ts';
export { revokeWorker } from './worker/revoke-worker.ts';
export { takeBack } from './worker/take-back.ts';
