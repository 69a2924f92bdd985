import type { Deployment } from '../resource/answers.ts';

/** How far a rollout is. `failed` says why it will not come to its end by itself. */
export interface Rollout {
  readonly done: boolean;
  readonly failed: string | undefined;
  readonly message: string;
  /** From 0 to 1. */
  readonly fraction: number;
}

/** Reads a deployment's status as `kubectl rollout status` does, and waits for pods that are to go as well. */
export function rolloutOf({ metadata, spec, status }: Deployment): Rollout {
  const { replicas } = spec;
  const { observedGeneration, updatedReplicas, availableReplicas, replicas: all, conditions } = status;
  if (observedGeneration < (metadata.generation ?? 0)) {
    return { done: false, failed: undefined, message: 'waiting for the deployment controller', fraction: 0 };
  }
  const late = conditions.find(({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded');
  const done = updatedReplicas === replicas && availableReplicas === replicas && all === replicas;
  const leaving = Math.max(0, all - updatedReplicas);
  const gone = leaving === 0 ? '' : `, ${leaving} old still there`;
  return {
    done,
    failed: late === undefined || done ? undefined : 'made no progress within its deadline',
    message: `${updatedReplicas} of ${replicas} pods updated, ${availableReplicas} available${gone}`,
    fraction: done ? 1 : Math.min(0.99, Math.min(updatedReplicas, availableReplicas) / Math.max(1, replicas, all)),
  };
}
