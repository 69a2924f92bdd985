import { describe, expect, it } from 'vitest';
import type { Container, ListedContainer } from '../answers.ts';
import { type Guard, guardAfter, guardEntry, requireUnmoved, runStateOf } from '../kept-state.ts';
import { observedContainer } from '../observed.ts';
import type { StepView, Surroundings } from './change.ts';
import { changeOf } from './changes.ts';
import { restartDiff, startDiff, stopDiff } from './power-diff.ts';
import { startedAnswer, startedProblem, stoppedAnswer, stoppedProblem } from './power-rules.ts';

const early = '2026-01-01T00:00:00.5Z';
const late = '2026-01-01T00:00:00.51Z';

function container(changes: Partial<Container> = {}): Container {
  return {
    id: 'c1',
    name: 'web',
    imageDigest: 'sha256:aa',
    imageName: 'web:1',
    tty: false,
    restartPolicy: 'no',
    restartCount: 0,
    state: 'running',
    pid: 100,
    exitCode: 0,
    startedAt: early,
    finishedAt: '0001-01-01T00:00:00Z',
    health: 'none',
    limits: { memory_bytes: 0, memory_swap_bytes: 0, nano_cpus: 0, pids_limit: 0 },
    networks: ['bridge'],
    autoRemove: false,
    linked: false,
    managedBy: null,
    stepMark: null,
    ...changes,
  };
}

const before = runStateOf(container());

describe('diff', () => {
  it('is the same for the same state, whatever ages', () => {
    const aged = container({ pid: 7, startedAt: late, restartCount: 4, finishedAt: early, exitCode: 1 });
    expect(restartDiff(0, observedContainer(aged), 10)).toEqual(restartDiff(0, observedContainer(container()), 10));
  });

  it('shows what the state is and becomes', () => {
    const { patch } = restartDiff(0, observedContainer(container({ state: 'exited' })), 10);
    expect(patch).toContain('-state: exited\n+state: running\n-pid: <none>\n+pid: <new process>\n');
    expect(restartDiff(0, observedContainer(container()), 10).patch).toContain(
      ' state: running\n-pid: <current process>\n',
    );
    expect(stopDiff(0, observedContainer(container()), 3).patch).toContain('-state: running\n+state: exited\n');
    const created = observedContainer(container({ state: 'created' }));
    expect(startDiff(0, created).patch).toContain('-started: <never>\n+started: <later>\n');
  });
});

const guardOf = (containers: readonly Container[]): Guard => ({
  containers: containers.map(guardEntry),
  images: [],
  recreated: [],
});

describe('guard', () => {
  it.each([
    ['another container', container({ id: 'c2' }), 'container'],
    ['a new start', container({ startedAt: late }), 'started_at'],
    ['a stop', container({ state: 'exited' }), 'state'],
    [
      'other limits',
      container({ limits: { memory_bytes: 0, memory_swap_bytes: 0, nano_cpus: 0, pids_limit: 9 } }),
      'limits',
    ],
  ])('%s is stale, without effect', (_what, now, moved) => {
    expect(() => requireUnmoved(now, guardOf([container()]))).toThrow(
      expect.objectContaining({ code: 'E_PLAN_STALE', effect: 'none', detail: expect.objectContaining({ moved }) }),
    );
  });

  it('carries the restarted container on and leaves the others as they were', () => {
    const restarted = container({ startedAt: late });
    const other = container({ id: 'c2', name: 'db' });
    const guard = guardAfter(guardOf([container(), other]), restarted);
    expect(() => requireUnmoved(restarted, guard)).not.toThrow();
    expect(() => requireUnmoved(other, guard)).not.toThrow();
    expect(() => requireUnmoved(container(), guard)).toThrow();
  });
});

describe('verify', () => {
  const restarted = container({ startedAt: late, pid: 200 });
  const after = runStateOf(restarted);
  it.each([
    ['a new process', restarted, undefined],
    ['the old start', container({ pid: 200 }), 'was not started again'],
    ['an end', container({ ...restarted, state: 'exited', exitCode: 3 }), 'exit code 3'],
    ['a further start', container({ ...restarted, startedAt: '2026-01-01T00:00:01Z' }), 'crashes'],
    ['a counted restart', container({ ...restarted, restartCount: 1 }), 'crashes'],
    ['the old process', container({ ...restarted, pid: 100 }), 'no new process'],
  ])('%s', (_what, now, problem) => {
    const found = startedProblem(now, before, after);
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(problem);
  });
});

describe('reconcile', () => {
  it.each([
    ['a later start', container({ startedAt: late }), true, 'applied'],
    ['a later start by the policy', container({ startedAt: late, restartCount: 1 }), false, 'indeterminate'],
    ['the same start while it may be under way', container(), true, 'indeterminate'],
    ['the same start afterwards', container(), false, 'not_applied'],
    ['stopped and not started', container({ state: 'exited', finishedAt: late }), false, 'indeterminate'],
  ])('%s', (_what, now, inFlight, answer) => {
    expect(startedAnswer(now, before, inFlight)).toBe(answer);
  });
});

describe('a stop', () => {
  it.each([
    ['stopped', container({ state: 'exited', finishedAt: late }), false, 'applied'],
    ['running while it may be under way', container(), true, 'indeterminate'],
    ['running afterwards', container(), false, 'not_applied'],
    ['stopped and started by somebody', container({ startedAt: late }), false, 'indeterminate'],
  ])('%s', (_what, now, inFlight, answer) => {
    expect(stoppedAnswer(now, before, inFlight)).toBe(answer);
  });

  it('holds only while nothing starts it again', () => {
    expect(stoppedProblem(container({ state: 'exited' }))).toBeUndefined();
    expect(stoppedProblem(container())).toContain('started it again');
  });
});

describe('checks', () => {
  const around = (changes: Partial<Surroundings> = {}): Surroundings => ({
    running: [],
    ownId: undefined,
    earlier: [],
    ...changes,
  });
  const view = (action: string, changes: Partial<Container> = {}): StepView => ({
    step: { index: 0, action, inputs: { container: 'web' }, idempotencyKey: 'k' },
    found: { reference: 'web', container: container(changes) },
    images: [],
  });
  const restart = 'docker.restart_container';
  const statuses = (action: string, changes: Partial<Container> = {}, more: Partial<Surroundings> = {}) =>
    Object.fromEntries(
      changeOf(action)
        .checks(view(action, changes), around(more))
        .map(({ id, status }) => [id.split(':')[0], status]),
    );

  it('passes a running container', () => {
    expect(new Set(Object.values(statuses(restart)))).toEqual(new Set(['pass']));
    expect(new Set(Object.values(statuses('docker.stop_container')))).toEqual(new Set(['pass']));
    expect(new Set(Object.values(statuses('docker.start_container', { state: 'exited' })))).toEqual(new Set(['pass']));
  });

  it('fails on a missing container and names the nearest', () => {
    const missing: StepView = {
      ...view(restart),
      found: { reference: 'wep', container: undefined, nearest: ['web'] },
    };
    for (const action of [restart, 'docker.stop_container', 'docker.start_container', 'docker.set_resources']) {
      const [check] = changeOf(action).checks(missing, around());
      expect(check).toMatchObject({ status: 'fail', severity: 'error', message: 'no container wep; nearest: web' });
    }
  });

  it.each([
    [restart, 'exited', 'warn'],
    [restart, 'paused', 'warn'],
    [restart, 'restarting', 'warn'],
    [restart, 'dead', 'fail'],
    ['docker.stop_container', 'exited', 'fail'],
    ['docker.stop_container', 'paused', 'pass'],
    ['docker.stop_container', 'dead', 'fail'],
    ['docker.start_container', 'running', 'fail'],
    ['docker.start_container', 'paused', 'fail'],
  ])('%s of a container that is %s: %s', (action, state, status) => {
    const found = statuses(action, { state });
    expect(found['container_running'] ?? found['container_stopped']).toBe(status);
  });

  it('warns of an unhealthy container, and of those that share its network', () => {
    const sharing = (name: string, networkMode: string): ListedContainer => ({
      ...{ id: name, name, image: '', state: 'running', status: '', networkMode },
      raw: { Id: name, Names: [name], Image: '', State: '', Status: '' },
    });
    const running = [sharing('side', 'container:c1'), sharing('car', 'container:web'), sharing('web2', 'web')];
    const checks = changeOf(restart).checks(view(restart, { health: 'unhealthy' }), around({ running }));
    expect(checks.find(({ id }) => id.startsWith('container_health'))).toMatchObject({ status: 'warn' });
    expect(checks.find(({ id }) => id.startsWith('network'))?.message).toMatch(/^2 running .*: car, side$/);
  });

  it('fails on the own container and on a second change in one list', () => {
    const earlier = [view('docker.stop_container')];
    expect(statuses(restart, {}, { ownId: 'c1', earlier })).toMatchObject({
      not_ourselves: 'fail',
      changed_once: 'fail',
    });
  });

  it('says that a stopped container may come back or be gone', () => {
    expect(statuses('docker.stop_container', { restartPolicy: 'always' })).toMatchObject({ restart_policy: 'warn' });
    expect(statuses('docker.stop_container', { autoRemove: true })).toMatchObject({ container_running: 'warn' });
  });
});
