import { defineAction } from '@countersign/connector-kit';
import { z } from 'zod';
import { ContainerReference, mebibyte, StopTimeoutSeconds, second } from './inputs.ts';

export const StopInputs = z.strictObject({ container: ContainerReference, stop_timeout_seconds: StopTimeoutSeconds });
export const StartInputs = z.strictObject({ container: ContainerReference });

/** `docker.stop_container`: what it served is gone until it is started. */
export const stopAction = defineAction({
  name: 'docker.stop_container',
  version: 1,
  title: 'Stop a container',
  description: 'Stops one container, and kills it after the stop timeout.',
  effect: 'write',
  risk: 'high',
  timeoutMs: 420 * second,
  outputCapBytes: mebibyte,
  idempotency: 'none',
  replay: 'simulated',
  follows: false,
  inputs: StopInputs,
  wording: {
    verbs: ['stop'],
    nouns: ['container'],
    asks: ['docker stop'],
    details: [
      'stop timeout {stop_timeout_seconds}',
      'timeout {stop_timeout_seconds}',
      'grace period {stop_timeout_seconds}',
      'wait {stop_timeout_seconds} before killing it',
      'tiempo de espera {stop_timeout_seconds}',
      'espera {stop_timeout_seconds} antes de matarlo',
    ],
  },
});

/** `docker.start_container`: starts one that does not run. */
export const startAction = defineAction({
  name: 'docker.start_container',
  version: 1,
  title: 'Start a container',
  description: 'Starts one container that does not run.',
  effect: 'write',
  risk: 'medium',
  timeoutMs: 60 * second,
  outputCapBytes: mebibyte,
  idempotency: 'none',
  replay: 'simulated',
  follows: false,
  inputs: StartInputs,
  wording: { verbs: ['start'], nouns: ['container'], asks: ['docker start'] },
});
