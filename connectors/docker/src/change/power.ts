import type { Container } from '../answers.ts';
import { RestartInputs, restartAction } from '../manifest/restart-action.ts';
import { StartInputs, StopInputs, startAction, stopAction } from '../manifest/stop-start-actions.ts';
import { checkOf, fail, health, interruptionChecks, type Judgement, pass, warn } from './common-checks.ts';
import { type Power, powerChange } from './power-change.ts';
import { restartDiff, startDiff, stopDiff } from './power-diff.ts';
import { startedAnswer, startedProblem, stoppedAnswer, stoppedProblem } from './power-rules.ts';

/** After the stop timeout the daemon kills, waits up to 10 s for that, and starts: until then a change may be under way. */
const killAndStartMs = 15_000;

function restartable({ name, state }: Container): Judgement {
  if (state === 'running') return pass(`${name} is running`);
  if (state === 'exited' || state === 'created') return warn(`${name} is ${state}: the restart will start it`);
  if (state === 'paused') return warn(`${name} is paused: the restart will end the pause with a new process`);
  if (state === 'restarting') return warn(`${name} is between two starts of its restart policy: it may be crashing`);
  return fail(`${name} is ${state}: it cannot be restarted`);
}

function stoppable({ name, state, autoRemove }: Container): Judgement {
  if (state === 'exited' || state === 'created') return fail(`${name} is ${state}: there is nothing to stop`);
  if (state === 'dead' || state === 'removing') return fail(`${name} is ${state}: it cannot be stopped`);
  if (autoRemove) return warn(`${name} was started with --rm: it will be removed, and cannot be started again`);
  return pass(`${name} is ${state}`);
}

function startable({ name, state }: Container): Judgement {
  if (state === 'exited' || state === 'created') return pass(`${name} is ${state}`);
  if (state === 'paused') return fail(`${name} is paused: restart it instead`);
  return fail(`${name} is ${state}: there is nothing to start`);
}

function policy({ name, restartPolicy }: Container): Judgement {
  return restartPolicy === 'always'
    ? warn(`${name} has the restart policy always: it comes back when the daemon is restarted`)
    : pass(`${name} stays stopped: its restart policy is ${restartPolicy}`);
}

const restart: Power = {
  action: restartAction.name,
  noun: 'restart',
  doing: 'restarting',
  inputs: (raw) => {
    const { container, stop_timeout_seconds } = RestartInputs.parse(raw);
    return { container, inFlightMs: stop_timeout_seconds * 1000 + killAndStartMs };
  },
  stateChecks: ({ found }, around) => [
    checkOf('container_running', found, restartable(found.container)),
    health(found),
    ...interruptionChecks(found, around),
  ],
  diff: (step, raw, container) => restartDiff(step, container, RestartInputs.parse(raw).stop_timeout_seconds),
  inverse: () => 'A restart cannot be taken back: the process that ran before is gone, with what it held in memory.',
  send: (client, id, raw, signal) => client.restart(id, RestartInputs.parse(raw).stop_timeout_seconds, signal),
  problem: startedProblem,
  answer: startedAnswer,
  ends: 'running',
};

const stop: Power = {
  action: stopAction.name,
  noun: 'stop',
  doing: 'stopping',
  inputs: (raw) => {
    const { container, stop_timeout_seconds } = StopInputs.parse(raw);
    return { container, inFlightMs: stop_timeout_seconds * 1000 + killAndStartMs };
  },
  stateChecks: ({ found }, around) => [
    checkOf('container_running', found, stoppable(found.container)),
    checkOf('restart_policy', found, policy(found.container)),
    ...interruptionChecks(found, around),
  ],
  diff: (step, raw, container) => stopDiff(step, container, StopInputs.parse(raw).stop_timeout_seconds),
  inverse: ({ name }) => ({ action: startAction.name, inputs: { container: name } }),
  send: (client, id, raw, signal) => client.stop(id, StopInputs.parse(raw).stop_timeout_seconds, signal),
  problem: stoppedProblem,
  answer: stoppedAnswer,
  ends: 'exited',
};

const start: Power = {
  action: startAction.name,
  noun: 'start',
  doing: 'starting',
  inputs: (raw) => ({ container: StartInputs.parse(raw).container, inFlightMs: killAndStartMs }),
  stateChecks: ({ found }) => [checkOf('container_stopped', found, startable(found.container))],
  diff: (step, _raw, container) => startDiff(step, container),
  inverse: ({ name }) => ({ action: stopAction.name, inputs: { container: name } }),
  send: (client, id, _raw, signal) => client.start(id, signal),
  problem: startedProblem,
  answer: startedAnswer,
  ends: 'running',
};

/** `docker.restart_container`, `docker.stop_container`, `docker.start_container`. */
export const powerChanges = [restart, stop, start].map(powerChange);
