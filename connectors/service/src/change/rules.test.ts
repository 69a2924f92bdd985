import { describe, expect, it } from 'vitest';
import type { Service } from '../service.ts';
import { changeDiff } from './change-diff.ts';
import { changeChecks } from './checks.ts';
import type { Found } from './find-service.ts';
import { guardAfter, guardOf, requireUnmoved, runStateOf } from './kept-state.ts';
import { changeAnswer } from './reconcile.ts';
import { startedLook, stoppedLook } from './verify.ts';

function service(changes: Partial<Service> = {}): Service {
  return {
    ...{
      name: 'web',
      description: '',
      phase: 'running',
      native: 'active (running)',
      pid: 100,
      start: 'a',
      attempt: 'a',
    },
    ...{ startedAt: null, restarts: 0, exit: null, busy: false, definition: 'sha256:aa', boot: 'enabled' },
    ...{ obstacles: { start: [], stop: [] }, cautions: [], dependents: [] },
    ...changes,
  };
}

const down = { phase: 'stopped', native: 'inactive (dead)', pid: 0, start: '' } as const;
const crashing = {
  phase: 'restarting',
  native: 'activating (auto-restart)',
  pid: 0,
  start: '',
  exit: 'exit code 3',
} as const;
const before = runStateOf(service());
const again = { start: 'b', attempt: 'b', pid: 200 } as const;

describe('diff', () => {
  const shown = (changes: Partial<Service> = {}) => {
    const { name, definition, boot } = service(changes);
    return { name, definition, boot, up: changes.phase === undefined };
  };
  it('is the same for the same state, whatever ages', () => {
    expect(changeDiff(0, 'restart', shown({ pid: 7, restarts: 9 }), 5)).toEqual(changeDiff(0, 'restart', shown(), 5));
  });
  it.each([
    ['restart', shown(), ' state: up\n-process: <current process>\n+process: <new process>\n'],
    ['start', shown(down), '-state: down\n+state: up\n-process: <none>\n+process: <new process>\n'],
    ['stop', shown(), '-state: up\n+state: down\n-process: <current process>\n+process: <none>\n'],
  ] as const)('of %s shows what is and what becomes of it', (verb, was, patch) => {
    expect(changeDiff(0, verb, was, 5).patch).toContain(patch);
  });
});

describe('guard', () => {
  it.each([
    ['a service that was not observed', 'restart', service({ name: 'db' }), 'service'],
    ['a new start', 'restart', service(again), 'start'],
    ['a stop', 'restart', service(down), 'state'],
    ['a stop', 'stop', service(down), 'state'],
  ] as const)('%s is stale to %s, without effect', (_what, verb, now, moved) => {
    expect(() => requireUnmoved(verb, now, guardOf([service()]))).toThrow(
      expect.objectContaining({ code: 'E_PLAN_STALE', effect: 'none', detail: expect.objectContaining({ moved }) }),
    );
  });
  it.each([
    ['what its manager started again', 'restart', service({ ...again, restarts: 1 })],
    ['one between two starts of its manager', 'restart', service(crashing)],
    ['a new start, where it is to be stopped', 'stop', service(again)],
  ] as const)('%s is not stale to %s', (_what, verb, now) => {
    expect(() => requireUnmoved(verb, now, guardOf([service()]))).not.toThrow();
  });
  it('carries the changed service on and leaves the others as they were', () => {
    const [restarted, other] = [service(again), service({ name: 'db' })];
    const guard = guardAfter(guardOf([service(), other]), restarted);
    expect(() => requireUnmoved('restart', restarted, guard)).not.toThrow();
    expect(() => requireUnmoved('restart', other, guard)).not.toThrow();
    expect(() => requireUnmoved('restart', service(), guard)).toThrow();
  });
});

describe('verify', () => {
  const after = runStateOf(service(again));
  it.each([
    ['a new start', service(again), 'as_wanted'],
    ['one that is still starting', service({ ...again, phase: 'starting' }), 'on_its_way'],
    ['one that still stops', service({ ...again, phase: 'stopping' }), 'on_its_way'],
    ['the old start', service(), 'crashes: it was started once more'],
    ['a further start', service({ start: 'c' }), 'crashes'],
    ['a start by its manager', service({ ...again, restarts: 1 }), 'crashes'],
    ['the pause before one', service(crashing), 'crashes: its manager is about to start it again'],
    ['an end', service({ ...down, phase: 'failed', native: 'failed', exit: 'exit code 3' }), 'failed, exit code 3'],
  ])('of a restart: %s', (_what, now, wanted) => {
    const look = startedLook('restart', now, before, after);
    expect(look.is === 'wrong' ? look.problem : look.is).toContain(wanted);
  });
  it('of a restart that had not happened', () => {
    expect(startedLook('restart', service(), before, before)).toEqual({
      is: 'wrong',
      problem: 'was not started again',
    });
    expect(startedLook('start', service(), runStateOf(service(down)), before)).toEqual({ is: 'as_wanted' });
  });
  it.each([
    ['stopped', 'as_wanted'],
    ['failed', 'as_wanted'],
    ['stopping', 'on_its_way'],
    ['running', 'wrong'],
    ['restarting', 'wrong'],
    ['unknown', 'wrong'],
  ] as const)('of a stop: %s is %s', (phase, is) => {
    expect(stoppedLook(service({ phase })).is).toBe(is);
  });
});

describe('reconcile', () => {
  const late = { inFlight: false, asked: undefined };
  const wasDown = runStateOf(service(down));
  it.each([
    ['restart', 'a new start', service(again), before, late, 'applied'],
    [
      'restart',
      'a new start while its manager is at it',
      service({ ...again, busy: true }),
      before,
      late,
      'indeterminate',
    ],
    ['restart', 'a new start by its manager', service({ ...again, restarts: 1 }), before, late, 'indeterminate'],
    [
      'restart',
      'a new start after one that was asked to end',
      service(again),
      before,
      { ...late, asked: true },
      'applied',
    ],
    [
      'restart',
      'a new start after one that ended by itself',
      service(again),
      before,
      { ...late, asked: false },
      'indeterminate',
    ],
    ['restart', 'an attempt that failed', service({ ...down, phase: 'failed', attempt: 'b' }), before, late, 'applied'],
    [
      'restart',
      'the same start while it may be on its way',
      service(),
      before,
      { ...late, inFlight: true },
      'indeterminate',
    ],
    ['restart', 'the same start afterwards', service(), before, late, 'not_applied'],
    ['restart', 'stopped and not started', service(down), before, late, 'indeterminate'],
    ['start', 'up', service(), wasDown, late, 'applied'],
    ['start', 'an attempt that failed', service({ ...down, phase: 'failed', attempt: 'b' }), wasDown, late, 'applied'],
    ['start', 'starting', service({ phase: 'starting' }), wasDown, late, 'indeterminate'],
    [
      'start',
      'down while it may be on its way',
      service({ ...down, attempt: 'a' }),
      wasDown,
      { ...late, inFlight: true },
      'indeterminate',
    ],
    ['start', 'down afterwards', service({ ...down, attempt: 'a' }), wasDown, late, 'not_applied'],
    ['stop', 'down', service(down), before, late, 'applied'],
    ['stop', 'stopping', service({ phase: 'stopping' }), before, late, 'indeterminate'],
    ['stop', 'another start', service(again), before, late, 'indeterminate'],
    [
      'stop',
      'the same start while it may be on its way',
      service(),
      before,
      { ...late, inFlight: true },
      'indeterminate',
    ],
    ['stop', 'the same start afterwards', service(), before, late, 'not_applied'],
  ] as const)('%s: %s', (verb, _what, now, was, around, answer) => {
    expect(changeAnswer(verb, now, was, around)).toBe(answer);
  });
});

describe('checks', () => {
  const around = { ownProcesses: new Set<number>(), seenBefore: false };
  const found = (changes: Partial<Service> = {}): Found => ({ asked: 'web', service: service(changes) });
  const statuses = (checks: ReturnType<typeof changeChecks>) =>
    Object.fromEntries(checks.map(({ id, status }) => [id.split(':')[0], status]));

  it('pass for a service that runs and is to be restarted', () => {
    expect(new Set(Object.values(statuses(changeChecks('restart', found(), around))))).toEqual(new Set(['pass']));
  });
  it('fail for a service that is not there, with the nearest names', () => {
    const missing: Found = { asked: 'wep', service: undefined, nearest: ['web'] };
    expect(changeChecks('restart', missing, around)).toEqual([
      { id: 'service_exists:wep', status: 'fail', severity: 'error', message: 'no service wep; nearest: web' },
    ]);
  });
  it.each([
    ['start', {}, 'fail'],
    ['start', down, 'pass'],
    ['start', { ...down, phase: 'failed' }, 'warn'],
    ['stop', down, 'fail'],
    ['stop', crashing, 'warn'],
    ['stop', {}, 'pass'],
    ['restart', down, 'warn'],
    ['restart', crashing, 'warn'],
    ['restart', { phase: 'unknown' }, 'fail'],
  ] as const)('of the state, to %s %o: %s', (verb, changes, status) => {
    expect(statuses(changeChecks(verb, found(changes), around))['service_state']).toBe(status);
  });
  it.each([
    ['start', { start: ['masked'], stop: [] }, 'fail'],
    ['stop', { start: ['masked'], stop: [] }, 'pass'],
    ['stop', { start: [], stop: ['refused'] }, 'fail'],
    ['restart', { start: [], stop: ['refused'] }, 'fail'],
    ['restart', { start: ['masked'], stop: [] }, 'fail'],
  ] as const)('of what is possible, to %s %o: %s', (verb, obstacles, status) => {
    expect(statuses(changeChecks(verb, found({ obstacles }), around))['change_possible']).toBe(status);
  });
  it('warn of dependents and cautions', () => {
    const checks = changeChecks(
      'stop',
      found({ dependents: ['app'], cautions: ['web.socket may start it again'] }),
      around,
    );
    expect(statuses(checks)).toMatchObject({ service_dependents: 'warn', service_cautions: 'warn' });
    expect(statuses(changeChecks('start', found({ ...down, dependents: ['app'] }), around))['service_dependents']).toBe(
      'pass',
    );
  });
  it('fail where the worker runs in it, where its process is not known, and for a second change in one list', () => {
    const checks = changeChecks('restart', found({ start: '' }), { ownProcesses: new Set([100]), seenBefore: true });
    expect(statuses(checks)).toMatchObject({ not_ourselves: 'fail', process_known: 'fail', changed_once: 'fail' });
    expect(statuses(changeChecks('stop', found({ start: '' }), around))['process_known']).toBe('pass');
  });
});
