export type { RunnerFaults } from './job/job-session.ts';
export { scrubbedAsPlan } from './job/replay-job.ts';
export { Worker, type WorkerOptions, type WorkerTargetConfig } from './worker/worker.ts';
