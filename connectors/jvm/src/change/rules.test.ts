import { describe, expect, it } from 'vitest';
import type { Counters } from '../jcmd/counters.ts';
import type { Found, Jvm } from '../jcmd/find-jvm.ts';
import type { Flags } from '../jcmd/flags.ts';
import { gcChecks } from './checks.ts';
import { gcDiff } from './gc-diff.ts';
import { gcStateOf, guardOf, requireSame } from './kept-state.ts';
import { gcAnswer } from './reconcile.ts';

const counters = (changes: Partial<Counters> = {}): Counters => ({
  ...{ beganAt: 5000, threads: { live: 1, daemon: 0, peak: 1 }, loadedClasses: 1, collectors: [] },
  ...{ majorCollections: 3, lastCause: 'Metadata GC Threshold' },
  ...changes,
});
const jvm = (flags: Partial<Flags> = {}): Jvm => ({
  ...{ pid: 42, name: 'Main', counters: counters() },
  flags: { collector: 'G1', maxHeapBytes: 64 * 1024 ** 2, explicitGc: true, ...flags },
});
const found = (flags: Partial<Flags> = {}): Found => ({ asked: 'Main', jvm: jvm(flags) });
const statuses = (each: Found, seenBefore = false) =>
  Object.fromEntries(gcChecks(each, seenBefore).map(({ id, status }) => [id.split(':')[0], status]));

describe('checks', () => {
  it('pass for a JVM that collects when it is asked', () => {
    expect(statuses(found())).toEqual({ jvm_exists: 'pass', collects_when_asked: 'pass', short_pause: 'pass' });
  });
  it.each([
    [{ explicitGc: false }, 'collects_when_asked', 'warn'],
    [{ collector: 'Epsilon' }, 'collects_when_asked', 'fail'],
    [{ maxHeapBytes: 8 * 1024 ** 3 }, 'short_pause', 'warn'],
    [{ maxHeapBytes: 8 * 1024 ** 3, collector: 'Z' }, 'short_pause', 'pass'],
    [{ maxHeapBytes: null }, 'short_pause', 'pass'],
  ] as const)('%o: %s is %s', (flags, check, status) => {
    expect(statuses(found(flags))[check]).toBe(status);
  });
  it('fail for a second collection in one list, and for a JVM that is not there', () => {
    expect(statuses(found(), true)).toMatchObject({ collected_once: 'fail' });
    const missing: Found = { asked: 'Mian', jvm: undefined, why: 'no JVM Mian; nearest: Main', choices: ['Main'] };
    expect(gcChecks(missing, false)).toEqual([
      { id: 'jvm_exists:Mian', status: 'fail', severity: 'error', message: 'no JVM Mian; nearest: Main' },
    ]);
  });
});

describe('guard', () => {
  const guard = guardOf([jvm()]);
  it('holds the JVM that was observed', () => {
    expect(requireSame(42, counters({ majorCollections: 9 }), guard).majorCollections).toBe(9);
  });
  it.each([
    ['one that ended', 42, undefined],
    ['another that has its pid', 42, counters({ beganAt: 6000 })],
    ['one that was not observed', 43, counters()],
  ] as const)('%s is stale, without effect', (_what, pid, now) => {
    expect(() => requireSame(pid, now, guard)).toThrow(
      expect.objectContaining({ code: 'E_PLAN_STALE', effect: 'none' }),
    );
  });
});

describe('reconcile', () => {
  const was = gcStateOf(jvm(), counters());
  it.each([
    ['one more, asked for', counters({ majorCollections: 4, lastCause: 'Diagnostic Command' }), false, 'applied'],
    ['one more, for its own reasons', counters({ majorCollections: 4 }), false, 'indeterminate'],
    ['none more while it may be on its way', counters(), true, 'indeterminate'],
    ['none more afterwards', counters(), false, 'not_applied'],
    ['another JVM', counters({ beganAt: 6000 }), false, 'indeterminate'],
  ] as const)('%s: %s', (_what, now, inFlight, answer) => {
    expect(gcAnswer(now, was, inFlight)).toBe(answer);
  });
});

it('the diff names collector and largest heap, and nothing that ages', () => {
  const { patch } = gcDiff(0, { ...jvm(), ...jvm().flags });
  expect(patch).toContain(' collector: G1\n largest heap: 64 MiB\n');
  expect(gcDiff(0, { ...jvm(), collector: 'Z', maxHeapBytes: null }).patch).toContain(' largest heap: <not told>\n');
});
