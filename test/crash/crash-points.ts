import type { CrashPoint } from '@countersign/engine';
import type { RunnerFaults } from '@countersign/runner';

type WorkerPoint = Parameters<RunnerFaults['hit']>[0];

const server: Readonly<Record<CrashPoint, true>> = {
  'propose:before-commit': true,
  'propose:after-commit': true,
  'plan:before-commit': true,
  'plan:after-commit': true,
  'approve:before-commit': true,
  'approve:after-commit': true,
  'start:before-commit': true,
  'start:after-commit': true,
  'claim:after-commit': true,
  'intent:before-commit': true,
  'intent:after-commit': true,
  'outcome:before-commit': true,
  'outcome:after-commit': true,
  'complete:before-commit': true,
  'complete:after-commit': true,
  'seal:before-commit': true,
  'seal:after-commit': true,
  'seal:before-rename': true,
};
const worker: Readonly<Record<WorkerPoint, true>> = {
  'worker:before-effect': true,
  'worker:after-effect': true,
  'worker:before-verify': true,
  'worker:before-complete': true,
};

/** Every named crash point of a server process; the compiler says when one is missing. */
export const serverPoints: readonly string[] = Object.keys(server);
/** Every named crash point of a worker, embedded or in a process of its own. */
export const workerPoints: readonly string[] = Object.keys(worker);
