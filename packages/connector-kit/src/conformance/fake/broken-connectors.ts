import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { AnyConnector, ConnectedTarget } from '../../connector/connector.ts';
import { ConnectorError } from '../../connector/connector-error.ts';
import { getAction, setAction } from './register-connector.ts';
import type { RegisterWorld } from './register-world.ts';

/** One way to break the contract, and the rule that must notice. */
export interface BrokenConnector {
  readonly rule: string;
  readonly how: string;
  readonly parts?: (good: ConnectedTarget, world: RegisterWorld) => Partial<ConnectedTarget>;
  readonly change?: Partial<AnyConnector>;
}

const never = (): Promise<never> => new Promise(() => undefined);
let counter = 0;

const declared: BrokenConnector[] = [
  { rule: 'manifest', how: 'an invalid version', change: { version: '' } },
  {
    rule: 'every-action-has-a-case',
    how: 'an action nobody examines',
    change: { actions: [getAction, setAction, { ...setAction, name: 'register.hidden' }] },
  },
  {
    rule: 'inputs',
    how: 'a schema that takes everything',
    change: { actions: [getAction, { ...setAction, inputs: z.looseObject({}) }] },
  },
];

const planning: BrokenConnector[] = [
  {
    rule: 'plan-valid',
    how: 'a diff that is missing',
    parts: (good) => ({ plan: async (...args) => ({ ...(await good.plan(...args)), diffs: [] }) }),
  },
  {
    rule: 'plan-valid',
    how: 'a failing check on a valid request',
    parts: (good) => ({
      plan: async (...args) => ({
        ...(await good.plan(...args)),
        checks: [{ id: 'x', status: 'fail', severity: 'error', message: 'no' }],
      }),
    }),
  },
  {
    rule: 'plan-deterministic',
    how: 'a counter in the identity',
    parts: (good) => ({
      plan: async (...args) => {
        counter += 1;
        return { ...(await good.plan(...args)), identity: `register:${counter}` };
      },
    }),
  },
  {
    rule: 'plan-deterministic',
    how: 'the idempotency key in the plan',
    parts: (good) => ({
      plan: async (steps, context) => ({
        ...(await good.plan(steps, context)),
        identity: `register:${steps[0]?.idempotencyKey}`,
      }),
    }),
  },
  {
    rule: 'plan-changes-nothing',
    how: 'a plan that tries it out',
    parts: (good, world) => ({
      plan: async (...args) => {
        world.write('scratch', 'x');
        return await good.plan(...args);
      },
    }),
  },
  {
    rule: 'observe-equals-plan',
    how: 'observe that fingerprints something else',
    parts: (good) => ({ observe: async (...args) => ({ ...(await good.observe(...args)), preconditions: [] }) }),
  },
  {
    rule: 'stale-preconditions',
    how: 'preconditions that do not look',
    parts: (good) => ({
      plan: async (...args) => ({ ...(await good.plan(...args)), preconditions: [] }),
      observe: async (...args) => ({ ...(await good.observe(...args)), preconditions: [] }),
    }),
  },
];

const applying: BrokenConnector[] = [
  {
    rule: 'stale-guard',
    how: 'a write that ignores its guard',
    parts: (good, world) => ({
      apply: async (step, before, _guard, context) => good.apply(step, before, { version: world.version }, context),
    }),
  },
  {
    rule: 'stale-guard',
    how: 'a stale error that promises nothing',
    parts: (good) => ({
      apply: (...args) =>
        good.apply(...args).catch(() => {
          throw new ConnectorError('E_PLAN_STALE', 'stale');
        }),
    }),
  },
  {
    rule: 'apply-once',
    how: 'an effect had twice',
    parts: (good, world) => ({
      apply: async (step, ...rest) => {
        const applied = await good.apply(step, ...rest);
        world.ledger.push({ key: step.idempotencyKey, register: 'again' });
        return applied;
      },
    }),
  },
  {
    rule: 'apply-twice',
    how: 'a retry that has its effect again',
    parts: (good, world) => ({
      apply: async (step, before, _guard, context) => good.apply(step, before, { version: world.version }, context),
    }),
  },
  {
    rule: 'apply-twice',
    how: 'a key that the target keeps and the retry does not look for',
    change: { actions: [getAction, { ...setAction, idempotency: 'target_key' }] },
  },
  {
    rule: 'apply-twice',
    how: 'a retry that finds its effect and answers another',
    change: { actions: [getAction, { ...setAction, idempotency: 'target_key' }] },
    parts: (good, world) => ({
      apply: async (step, ...rest) =>
        world.ledger.some(({ key }) => key === step.idempotencyKey)
          ? { after: null, guard: null }
          : await good.apply(step, ...rest),
    }),
  },
  { rule: 'verify-reads-back', how: 'verify that believes', parts: () => ({ verify: async () => ({}) }) },
  {
    rule: 'rollback-restores',
    how: 'an inverse with the wrong value',
    parts: (good) => ({
      plan: async (...args) => ({
        ...(await good.plan(...args)),
        rollback: {
          possible: true,
          summary: 'wrong',
          steps: [
            { action: 'register.set', inputs: { register: 'fresh', value: null }, undoes: 1 },
            { action: 'register.set', inputs: { register: 'kept', value: 'something else' }, undoes: 0 },
          ],
        },
      }),
    }),
  },
];

const reconciling: BrokenConnector[] = [
  {
    rule: 'reconcile-applied',
    how: 'reconcile that sees nothing',
    parts: (good) => ({
      reconcile: async (...args) => ({ ...(await good.reconcile(...args)), answer: 'not_applied' }),
    }),
  },
  {
    rule: 'reconcile-applied',
    how: 'reconcile with a guard that goes nowhere',
    parts: (good) => ({
      reconcile: async (...args) => ({ ...(await good.reconcile(...args)), guard: { version: 0 } }),
    }),
  },
  {
    rule: 'reconcile-unapplied',
    how: 'reconcile that hopes',
    parts: (good) => ({ reconcile: async (...args) => ({ ...(await good.reconcile(...args)), answer: 'applied' }) }),
  },
  {
    rule: 'reconcile-unapplied',
    how: 'reconcile that applies',
    parts: (good) => ({
      reconcile: async (step, intent, context) => {
        await good.apply(step, intent.before, intent.guard, context).catch(() => undefined);
        return { answer: 'not_applied', after: null, guard: intent.guard };
      },
    }),
  },
  {
    rule: 'at-most-once',
    how: 'a blind retry of a write without guard',
    parts: (good, world) => ({
      apply: (step, before, _guard, context) => good.apply(step, before, { version: world.version }, context),
      reconcile: async (_step, intent) => ({ answer: 'not_applied', after: null, guard: intent.guard }),
    }),
  },
];

const cancelling: BrokenConnector[] = [
  {
    rule: 'cancelled-before',
    how: 'work that starts although it was cancelled',
    parts: (good) => ({
      plan: (steps, context) => good.plan(steps, { ...context, signal: new AbortController().signal }),
    }),
  },
  { rule: 'cancelled-while-slow', how: 'a signal nobody listens to', parts: () => ({ plan: never }) },
  {
    rule: 'timed-out',
    how: 'a time limit nobody keeps',
    parts: (_good, world) => ({ apply: () => (world.slow ? never() : Promise.reject(new Error('no'))) }),
  },
  {
    rule: 'cancelled-anytime',
    how: 'a first half that stays when the second is cancelled',
    parts: (good, world) => ({
      apply: async (step, before, guard, context) => {
        world.registers.set('half', 'done');
        await sleep(30);
        return await good.apply(step, before, guard, context);
      },
    }),
  },
  {
    rule: 'cancelled-anytime',
    how: 'an effect that the error denies',
    parts: (good) => ({
      apply: async (step, before, guard, context) => {
        const { signal: _signal, ...rest } = context;
        const applied = await good.apply(step, before, guard, { ...rest, signal: new AbortController().signal });
        if (context.signal.aborted) throw new ConnectorError('E_CANCELLED', 'cancelled', { effect: 'none' });
        return applied;
      },
    }),
  },
  { rule: 'read-cancelled', how: 'a read that cannot be cancelled', parts: () => ({ read: never }) },
];

const failing: BrokenConnector[] = [
  {
    rule: 'readiness',
    how: 'always ready',
    parts: () => ({ readiness: async () => ({ status: 'ready', message: 'sure' }) }),
  },
  {
    rule: 'unreachable',
    how: 'an error that is no ConnectorError',
    parts: (_good, world) => ({
      observe: async () => {
        if (!world.reachable) throw new Error('ECONNREFUSED');
        return { identity: 'x', preconditions: [], guard: { version: world.version } };
      },
    }),
  },
  {
    rule: 'no-secret-in-errors',
    how: 'inputs quoted in an error',
    parts: (good) => ({
      apply: (step, ...rest) =>
        good.apply(step, ...rest).catch(() => {
          throw new ConnectorError('E_TARGET_REFUSED', `refused ${JSON.stringify(step.inputs)}`);
        }),
    }),
  },
  {
    rule: 'failures',
    how: 'the wrong code',
    parts: () => ({ read: () => Promise.reject(new ConnectorError('E_INTERNAL', 'something')) }),
  },
];

const reading: BrokenConnector[] = [
  {
    rule: 'read-changes-nothing',
    how: 'a read that marks as read',
    parts: (good, world) => ({
      read: async (...args) => {
        world.write('seen', 'yes');
        return await good.read(...args);
      },
    }),
  },
  {
    rule: 'read-capped',
    how: 'a cap nobody keeps',
    parts: (good) => ({ read: (step, context) => good.read(step, { ...context, outputCapBytes: 100_000 }) }),
  },
  {
    rule: 'read-stops-at-cap',
    how: 'a stream that goes on',
    parts: (good) => ({
      read: async (step, context) => {
        for (let line = 0; line < 5; line += 1) await context.output('stdout', 'more');
        return await good.read(step, context);
      },
    }),
  },
  {
    rule: 'read-unreachable',
    how: 'an empty answer instead of an error',
    parts: () => ({ read: async () => ({ summary: {}, artifacts: [] }) }),
  },
];

const replaying: BrokenConnector[] = [
  {
    rule: 'replay-equal',
    how: 'a replay that loses a diff',
    parts: (good) => ({
      replay: async (...args) => {
        const replayed = await good.replay(...args);
        return { ...replayed, derived: { ...replayed.derived, diffs: replayed.derived.diffs.slice(1) } };
      },
    }),
  },
  {
    rule: 'replay-equal',
    how: 'a replay on the target of now',
    parts: (good, world) => ({
      replay: async (...args) => {
        const replayed = await good.replay(...args);
        const observed = { version: world.version };
        const preconditions = replayed.derived.preconditions.map((each) => ({ ...each, observed }));
        return { ...replayed, derived: { ...replayed.derived, preconditions } };
      },
    }),
  },
  {
    rule: 'replay-changes-nothing',
    how: 'a replay that does it to the target once more',
    parts: (good, world) => ({
      replay: async (...args) => {
        world.write('fresh', 'made once more');
        return await good.replay(...args);
      },
    }),
  },
  {
    rule: 'replay-notices',
    how: 'a replay that repeats what the bundle says',
    parts: (good) => ({
      replay: async (subject, context) => {
        const { diffs, preconditions } = subject.plan;
        return { ...(await good.replay(subject, context)), derived: { diffs, preconditions } };
      },
    }),
  },
];

/** At least one broken connector for every rule of the suite. */
export const brokenConnectors: readonly BrokenConnector[] = [
  ...declared,
  ...planning,
  ...applying,
  ...reconciling,
  ...cancelling,
  ...failing,
  ...reading,
  ...replaying,
];
