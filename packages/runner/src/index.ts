export type { RunnerFaults } from './job/job-session.ts';
export { scrubbedAsPlan } from './job/replay-job.ts';
export type { KeptOutput, OutputSpool, Said, Writer } from './output/output-spool.ts';
export { Worker, type WorkerOptions, type WorkerTargetConfig } from './worker/worker.ts';
