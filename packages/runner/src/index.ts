export type { WorkAudit } from './audit/work-audit.ts';
export type { RunnerFaults } from './job/job-session.ts';
export { scrubbedAsPlan } from './job/replay-job.ts';
export type { KeptOutput, OutputSpool, Said, Writer } from './output/output-spool.ts';
export type { AcceptTarget, AssignedTarget, WorkerTargetConfig } from './worker/served-targets.ts';
export { Worker, type WorkerOptions } from './worker/worker.ts';
