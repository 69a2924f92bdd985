import type { ApprovalRow } from '../approval/approval-repository.ts';
import type { AuditRow, AuditTileRow, CheckpointRow } from '../audit/audit-row.ts';
import type { CheckpointExportRow } from '../audit/checkpoint-export-repository.ts';
import type { EvidenceFileRow, EvidenceRow } from '../evidence/evidence-repository.ts';
import type { JobRow } from '../job/job-row.ts';
import type { KeyRow } from '../key/key-repository.ts';
import type { IdempotencyRow } from '../operation/idempotency-repository.ts';
import type { OperationRow } from '../operation/operation-row.ts';
import type { PlanRow, PlanViewRow } from '../plan/plan-repository.ts';
import type { KeptContentRow } from '../retention/retention-repository.ts';
import type { ArtifactRow, RunRow, StepRow } from '../run/run-row.ts';
import type { SealedValueRow } from '../secret/sealed-value-repository.ts';
import type { SettingRow } from '../setting/setting-repository.ts';
import type { StreamRow, StreamWriterRow } from '../stream/stream-repository.ts';
import type { TargetLockRow } from '../target/target-lock-repository.ts';
import type { TokenRow } from '../token/token-repository.ts';
import type { WorkerRow } from '../worker/worker-repository.ts';

/** Every table by name, for the query builder. */
export interface Tables {
  readonly setting: SettingRow;
  readonly operation: OperationRow;
  readonly idempotency: IdempotencyRow;
  readonly plan: PlanRow;
  readonly plan_view: PlanViewRow;
  readonly approval: ApprovalRow;
  readonly sealed_value: SealedValueRow;
  readonly run: RunRow;
  readonly step: StepRow;
  readonly artifact: ArtifactRow;
  readonly target_lock: TargetLockRow;
  readonly job: JobRow;
  readonly stream: StreamRow;
  readonly stream_writer: StreamWriterRow;
  readonly worker: WorkerRow;
  readonly audit: AuditRow & { readonly position: number; readonly leaf_index: number | null };
  readonly audit_tile: AuditTileRow;
  readonly checkpoint: CheckpointRow;
  readonly evidence: EvidenceRow;
  readonly evidence_file: EvidenceFileRow;
  readonly token: TokenRow;
  readonly installation_key: KeyRow;
  readonly checkpoint_export: CheckpointExportRow;
  readonly kept_content: KeptContentRow;
}
