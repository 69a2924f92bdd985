import { claimDispatch } from './claim-dispatch.ts';
import { createRun } from './create-run.ts';
import { finishDispatch } from './finish-dispatch.ts';
import { getEvidence } from './get-evidence.ts';
import { getRunStatus } from './get-run-status.ts';
import { heartbeatDispatch } from './heartbeat-dispatch.ts';
import { propose } from './propose.ts';
import { reportDispatch } from './report-dispatch.ts';
import { searchActions } from './search-actions.ts';
import type { Tool } from './tool.ts';
import { verifyEvidence } from './verify-evidence.ts';

/** Every tool. None of them approves, confirms, rejects or resolves: that is for people, elsewhere. */
export const tools: readonly Tool[] = [
  searchActions,
  propose,
  createRun,
  getRunStatus,
  claimDispatch,
  heartbeatDispatch,
  reportDispatch,
  finishDispatch,
  getEvidence,
  verifyEvidence,
];
