import { type AnyConnector, defineAction, defineConnector, fingerprint } from '@countersign/connector-kit';
import { z } from 'zod';

/** What really happened at a target, counted by the target itself. */
export interface Ledger {
  /** Effects by idempotency key; every call of `apply` that had one counts. */
  readonly effects: Map<string, number>;
  readonly connector: AnyConnector;
}

/** A target that moves by compare-and-set and keeps the keys of its effects; it outlives every worker and database. */
export function makeLedger(): Ledger {
  const effects = new Map<string, number>();
  let version = 0;
  const observed = () => {
    const state = { version };
    return [{ resource: 'ledger', kind: 'version', fingerprint: fingerprint(state), observed: state }];
  };
  const connector = defineConnector({
    name: 'ledger',
    version: '1.0.0',
    config: z.strictObject({}),
    actions: [
      defineAction({
        name: 'ledger.add',
        version: 1,
        title: 'Add',
        description: 'Adds a line.',
        effect: 'write',
        risk: 'low',
        timeoutMs: 5000,
        outputCapBytes: 10_000,
        idempotency: 'guard',
        replay: 'none',
        follows: false,
        inputs: z.strictObject({ line: z.string() }),
      }),
    ],
    connect: () => ({
      readiness: async () => ({ status: 'ready', message: '' }),
      plan: async (steps) => ({
        identity: 'ledger:1',
        preconditions: observed(),
        diffs: steps.map(({ index }) => ({ step: index, path: 'ledger', summary: 'add', patch: '+line' })),
        checks: [],
        rollback: { possible: false, reason: 'a ledger only grows' },
        volatile: [],
      }),
      observe: async () => ({ identity: 'ledger:1', preconditions: observed(), guard: version }),
      before: async () => ({ version }),
      async apply({ idempotencyKey }, _before, guard, work) {
        if (guard !== version) throw new Error(`the ledger is at ${version}, not ${JSON.stringify(guard)}`);
        version += 1;
        effects.set(idempotencyKey, (effects.get(idempotencyKey) ?? 0) + 1);
        await work.output('stdout', 'added\n');
        return { after: { version }, guard: version };
      },
      verify: async () => ({ version }),
      reconcile: async ({ idempotencyKey }) =>
        effects.has(idempotencyKey)
          ? { answer: 'applied', after: { version }, guard: version }
          : { answer: 'not_applied', after: { version }, guard: version },
      replay: async () => {
        throw new Error('no step of it may be replayed');
      },
      read: async () => ({ summary: {}, artifacts: [] }),
      close: async () => undefined,
    }),
  });
  return { effects, connector };
}
