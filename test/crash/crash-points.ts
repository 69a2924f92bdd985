import { type CrashPoint, commitNames } from '@countersign/engine';
import type { RunnerFaults } from '@countersign/runner';

type WorkerPoint = Parameters<RunnerFaults['hit']>[0];

const files: Readonly<Record<Exclude<CrashPoint, `${string}-commit`>, true>> = {
  'artifact:before-write': true,
  'artifact:after-write': true,
  'export:before-write': true,
  'export:before-rename': true,
  'export:after-write': true,
  'key:before-write': true,
  'key:after-write': true,
  'next-key:before-write': true,
  'next-key:after-write': true,
  'next-key:before-rename': true,
  'next-key:after-rename': true,
  'admin-token:before-write': true,
  'admin-token:after-write': true,
};
const worker: Readonly<Record<WorkerPoint, true>> = {
  'worker:before-effect': true,
  'worker:after-effect': true,
  'worker:before-verify': true,
  'worker:before-complete': true,
};
const isFirst = (point: string): boolean => /^(key|admin-token|first-token|installation):/.test(point);
const isRare = (point: string): boolean => /^(resolve|reconcile):/.test(point);

/**
 * Neither a load nor a doubt comes by these: a backup is put back, old content goes, a key gives way to the next, policies
 * change, an environment is frozen (which would refuse what a load started), glass is broken and that is reviewed, another
 * provider of models is switched to.
 */
const isApart = (point: string): boolean =>
  /^(restore|retention|next-key|policy|redecide|freeze|break-glass|review|provider):/.test(point);

/** What only people come by who are invited, sign in and prove who they are. */
const isOfPeople = (point: string): boolean =>
  /^(target|enrolment|enrol|invite|invite-expire|redeem|person|sign-in|sign-in-state|sign-in-tidy|sign-out|session-uses|step-up|factor):/.test(
    point,
  );

/** What only drafts, their providers and the task list come by. */
const isOfDrafts = (point: string): boolean =>
  /^(decide-draft|dispatch-finish|task-plan|draft|generate|generate-claim|group):/.test(point);

/** What only groups come by that are signed as a list and run in waves. */
const isOfWaves = (point: string): boolean =>
  /^(group-decide|group-confirmation|wave-start|wave-advance|wave-stop):/.test(point);

const commits = commitNames.flatMap((name) => [`${name}:before-commit`, `${name}:after-commit`]);
const ofServer = [...commits, ...Object.keys(files)];

/** Points of a server that any load comes by; the compiler says when a file or a worker's point is missing. */
export const serverPoints: readonly string[] = ofServer.filter(
  (point) =>
    ![isFirst, isRare, isApart, isOfPeople, isOfDrafts, isOfWaves].some((belongsElsewhere) => belongsElsewhere(point)),
);
/** Points that only the first start of an installation comes by. */
export const firstStartPoints: readonly string[] = ofServer.filter(isFirst);
/** Points that need a run in doubt. */
export const doubtPoints: readonly string[] = ofServer.filter(isRare);
/** What comes by when policies change, an environment is frozen, the glass is broken and that is reviewed, or a provider is switched to. */
export const policyPoints: readonly string[] = ofServer.filter((point) =>
  /^(policy|redecide|freeze|break-glass|review|provider):/.test(point),
);
/** Points of a restore, of retention, of a rotation of keys, and of what people do about policy. */
export const apartPoints: readonly string[] = ofServer.filter(isApart);
/** Points of signing in. */
export const peoplePoints: readonly string[] = ofServer.filter(isOfPeople);
/** Points of a worker, embedded or in a process of its own; the last three are around each program that it runs. */
export const workerPoints: readonly string[] = [...Object.keys(worker), 'exec:before', 'exec:during', 'exec:after'];
/** Points of drafts, of their providers, of the task list and of groups. */
export const draftPoints: readonly string[] = ofServer.filter(isOfDrafts);
/** Points of groups that are signed as a list and run in waves. */
export const wavePoints: readonly string[] = ofServer.filter(isOfWaves);
/** Every named point. */
export const allPoints: readonly string[] = [...ofServer, ...workerPoints];
