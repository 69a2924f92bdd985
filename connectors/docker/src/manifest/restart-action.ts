import { defineAction } from '@countersign/connector-kit';
import { z } from 'zod';
import { ContainerReference, mebibyte, StopTimeoutSeconds, second } from './inputs.ts';

export const RestartInputs = z.strictObject({
  container: ContainerReference,
  stop_timeout_seconds: StopTimeoutSeconds,
});
export type RestartInputs = z.infer<typeof RestartInputs>;

/** `docker.restart_container`: stop and start one container. Docker cannot refuse a second restart, so never twice. */
export const restartAction = defineAction({
  name: 'docker.restart_container',
  version: 1,
  title: 'Restart a container',
  description: 'Stops one container (then kills it after the stop timeout) and starts it again.',
  effect: 'write',
  risk: 'medium',
  timeoutMs: 420 * second,
  outputCapBytes: mebibyte,
  idempotency: 'none',
  replay: 'simulated',
  follows: false,
  inputs: RestartInputs,
  wording: {
    verbs: ['restart'],
    nouns: ['container'],
    asks: ['needs a restart', 'give a restart', 'need restarted', 'dale un reinicio', 'necesita un reinicio'],
    details: [
      'stop timeout {stop_timeout_seconds}',
      'timeout {stop_timeout_seconds}',
      'grace period {stop_timeout_seconds}',
      'wait {stop_timeout_seconds} before killing it',
      'wait {stop_timeout_seconds}',
      'give it {stop_timeout_seconds} to stop',
      'tiempo de espera {stop_timeout_seconds}',
      'espera {stop_timeout_seconds} antes de matarlo',
      'espera {stop_timeout_seconds}',
    ],
  },
});
