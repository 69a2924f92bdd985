import type { Diff, Json, Precondition, ReplayComparison } from '@countersign/protocol';
import { z } from 'zod';
import { type ActionDefinition, defineAction } from '../../connector/action.ts';
import type { ConnectedTarget, Connector, ParsedStep } from '../../connector/connector.ts';
import { ConnectorError } from '../../connector/connector-error.ts';
import { fingerprint } from '../../manifest/fingerprint.ts';
import { compareReplay } from '../../replay/compare.ts';
import { secretInput } from '../../secret/secret-input.ts';
import type { RegisterWorld } from './register-world.ts';

const SetInputs = z.strictObject({
  register: z.string().regex(/^[a-z]+$/),
  value: z.string().nullable(),
  password: secretInput('opens the register').optional(),
});
const GetInputs = z.strictObject({ register: z.string().regex(/^[a-z]+$/) });
const Guard = z.strictObject({ version: z.int() });
const Before = z.strictObject({ value: z.string().nullable() });

const common = { version: 1, risk: 'low', timeoutMs: 10_000, outputCapBytes: 1000, follows: false } as const;
/** Sets one register. */
export const setAction: ActionDefinition = defineAction({
  ...common,
  name: 'register.set',
  title: 'Set a register',
  description: 'Sets a register to a value, or removes it.',
  effect: 'write',
  idempotency: 'guard',
  replay: 'exact',
  inputs: SetInputs,
});
/** Reads one register. */
export const getAction: ActionDefinition = defineAction({
  ...common,
  name: 'register.get',
  title: 'Read a register',
  description: 'Reads a register.',
  effect: 'read',
  idempotency: 'none',
  replay: 'none',
  inputs: GetInputs,
});

function preconditions(world: RegisterWorld, steps: readonly ParsedStep[]): Precondition[] {
  const names = [...new Set(steps.map((step) => SetInputs.parse(step.inputs).register))].sort();
  return names.map((register) => {
    const observed = { value: world.registers.get(register) ?? null, version: world.version };
    return { resource: register, kind: 'register', fingerprint: fingerprint(observed), observed };
  });
}

function setDiff(step: number, path: string, value: string | null): Diff {
  return { step, path, summary: 'set', patch: JSON.stringify(value) };
}

function answer(world: RegisterWorld): { after: Json; guard: Json } {
  return { after: { version: world.version }, guard: { version: world.version } };
}

/** Connects to a world by the book. */
export function connectRegisters(world: RegisterWorld): ConnectedTarget {
  return {
    async readiness() {
      return world.reachable ? { status: 'ready', message: 'answers' } : { status: 'unavailable', message: 'silent' };
    },
    async plan(steps, context) {
      await world.reach(context.signal);
      const writes = steps.map((step) => ({ index: step.index, ...SetInputs.parse(step.inputs) }));
      const values = new Map(world.registers);
      const inverses = writes.map(({ index, register, value }) => {
        const former = values.get(register) ?? null;
        if (value === null) values.delete(register);
        else values.set(register, value);
        return { action: 'register.set', inputs: { register, value: former }, undoes: index };
      });
      return {
        identity: 'register:world',
        preconditions: preconditions(world, steps),
        diffs: writes.map(({ index, register, value }) => setDiff(index, register, value)),
        checks: [{ id: 'register.named', status: 'pass', severity: 'error', message: 'the registers have names' }],
        rollback: { possible: true, summary: 'set the former values', steps: inverses.reverse() },
        volatile: [{ label: 'planned in', value: String(performance.now()) }],
      };
    },
    async observe(steps, context) {
      await world.reach(context.signal);
      const guard = { version: world.version };
      return { identity: 'register:world', preconditions: preconditions(world, steps), guard };
    },
    async before(step, _guard, context) {
      await world.reach(context.signal);
      return { value: world.registers.get(SetInputs.parse(step.inputs).register) ?? null };
    },
    async apply(step, before, guard, context) {
      await world.reach(context.signal);
      Before.parse(before);
      if (Guard.parse(guard).version !== world.version) {
        throw new ConnectorError('E_PLAN_STALE', 'the registers moved on', { effect: 'none' });
      }
      const { register, value } = SetInputs.parse(step.inputs);
      world.write(register, value);
      world.ledger.push({ key: step.idempotencyKey, register });
      return answer(world);
    },
    async verify(step, _before, _applied, context) {
      await world.reach(context.signal);
      const { register, value } = SetInputs.parse(step.inputs);
      if ((world.registers.get(register) ?? null) !== value) {
        throw new ConnectorError('E_VERIFY', `${register} does not hold the value`);
      }
      return { register };
    },
    async reconcile(step, _intent, context) {
      await world.reach(context.signal);
      const had = world.ledger.some((entry) => entry.key === step.idempotencyKey);
      return { answer: had ? 'applied' : 'not_applied', ...answer(world) };
    },
    async replay({ plan, steps }) {
      const scratch = new Map<string, Json>(
        plan.preconditions.map(({ resource, observed }) => [resource, observed['value'] ?? null]),
      );
      const diffs: Diff[] = [];
      const compared: ReplayComparison[] = [];
      for (const { step, applied, before } of steps) {
        const { register, value } = SetInputs.parse(step.inputs);
        if (applied) {
          const was = scratch.get(register) ?? null;
          compared.push(compareReplay(step.index, `${register} before`, Before.parse(before).value, was));
        }
        scratch.set(register, value);
        diffs.push(setDiff(step.index, register, value));
      }
      const preconditions = plan.preconditions.map((each) => ({ ...each, fingerprint: fingerprint(each.observed) }));
      return { says: 'exact: set again in a scratch world', derived: { diffs, preconditions }, compared };
    },
    async read(step, context) {
      await world.reach(context.signal);
      const { register } = GetInputs.parse(step.inputs);
      const value = world.registers.get(register);
      if (value === undefined) throw new ConnectorError('E_TARGET_MISSING', `there is no register ${register}`);
      for (const part of value.split(' ')) if (!(await context.output('stdout', part))) break;
      const whole = Buffer.from(value);
      const content = whole.subarray(0, context.outputCapBytes);
      const truncated = content.length < whole.length;
      return { summary: { register }, artifacts: [{ name: 'value', mediaType: 'text/plain', content, truncated }] };
    },
    async close() {},
  };
}

/** The connector by the book; `broken` replaces parts of what it connects. */
export function registerConnector(
  world: () => RegisterWorld,
  broken: (good: ConnectedTarget, world: RegisterWorld) => Partial<ConnectedTarget> = () => ({}),
): Connector<unknown> {
  return {
    name: 'register',
    version: '1.0.0',
    config: z.unknown(),
    actions: [getAction, setAction],
    connect: () => {
      const good = connectRegisters(world());
      return { ...good, ...broken(good, world()) };
    },
  };
}
