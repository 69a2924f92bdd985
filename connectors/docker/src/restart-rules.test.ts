import { describe, expect, it } from 'vitest';
import type { Container, ListedContainer } from './answers.ts';
import { restartChecks } from './checks.ts';
import { guardAfter, guardOf, requireUnmoved, runStateOf } from './kept-state.ts';
import { restartAnswer } from './reconcile.ts';
import { restartDiff } from './restart-diff.ts';
import { restartProblem } from './verify.ts';

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
    ...changes,
  };
}

const before = runStateOf(container());

describe('diff', () => {
  it('is the same for the same state, whatever ages', () => {
    const aged = container({ pid: 7, startedAt: late, restartCount: 4, finishedAt: early, exitCode: 1 });
    expect(restartDiff(0, aged, 10)).toEqual(restartDiff(0, container(), 10));
  });

  it('shows what the state is and becomes', () => {
    const { patch } = restartDiff(0, container({ state: 'exited' }), 10);
    expect(patch).toContain('-state: exited\n+state: running\n-pid: <none>\n+pid: <new process>\n');
    expect(restartDiff(0, container(), 10).patch).toContain(' state: running\n-pid: <current process>\n');
  });
});

describe('guard', () => {
  it.each([
    ['another container', container({ id: 'c2' }), 'container'],
    ['a new start', container({ startedAt: late }), 'started_at'],
    ['a stop', container({ state: 'exited' }), 'state'],
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
    const found = restartProblem(now, before, after);
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
    expect(restartAnswer(now, before, inFlight)).toBe(answer);
  });
});

describe('checks', () => {
  const statuses = (checks: ReturnType<typeof restartChecks>) =>
    Object.fromEntries(checks.map(({ id, status }) => [id.split(':')[0], status]));
  const found = (changes: Partial<Container> = {}) => ({ reference: 'web', container: container(changes) });

  it('passes a running container', () => {
    expect(new Set(Object.values(statuses(restartChecks(found(), [], undefined, false))))).toEqual(new Set(['pass']));
  });

  it('fails on a missing container and names the nearest', () => {
    const [check] = restartChecks({ reference: 'wep', container: undefined, nearest: ['web'] }, [], undefined, false);
    expect(check).toMatchObject({ status: 'fail', severity: 'error', message: 'no container wep; nearest: web' });
  });

  it.each([
    ['exited', 'warn'],
    ['paused', 'warn'],
    ['restarting', 'warn'],
    ['dead', 'fail'],
  ])('state %s: %s', (state, status) => {
    expect(statuses(restartChecks(found({ state }), [], undefined, false))['container_running']).toBe(status);
  });

  it('warns of an unhealthy container, and of those that share its network', () => {
    const sharing = (name: string, networkMode: string): ListedContainer => ({
      ...{ id: name, name, image: '', state: 'running', status: '', networkMode },
      raw: { Id: name, Names: [name], Image: '', State: '', Status: '' },
    });
    const others = [sharing('side', 'container:c1'), sharing('car', 'container:web'), sharing('web2', 'web')];
    const checks = restartChecks(found({ health: 'unhealthy' }), others, undefined, false);
    expect(statuses(checks)).toMatchObject({ container_health: 'warn', network_dependents: 'warn' });
    expect(checks.find(({ id }) => id.startsWith('network'))?.message).toMatch(/^2 running .*: car, side$/);
  });

  it('fails on the own container and on a second restart in one list', () => {
    expect(statuses(restartChecks(found(), [], 'c1', true))).toMatchObject({
      not_ourselves: 'fail',
      restarted_once: 'fail',
    });
  });
});
