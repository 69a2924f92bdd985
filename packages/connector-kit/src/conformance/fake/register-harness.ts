import type { AnyConnector } from '../../connector/connector.ts';
import { localExec } from '../../exec/local-exec.ts';
import type { ConformanceHarness, ConformanceTarget } from '../harness.ts';
import { registerConnector } from './register-connector.ts';
import { RegisterWorld } from './register-world.ts';

/** A world as the suite uses it. */
export interface RegisterTarget extends ConformanceTarget {
  readonly world: RegisterWorld;
}

/** Examines a connector of registers; by default the one by the book. */
export function registerHarness(
  broken: Parameters<typeof registerConnector>[1] = undefined,
  change: Partial<AnyConnector> = {},
): ConformanceHarness<RegisterTarget> {
  let world = new RegisterWorld();
  const secret = 'correct-horse';
  return {
    connector: { ...registerConnector(() => world, broken), ...change },
    boundMs: 1500,
    cancelBoundMs: 800,
    async setUp() {
      world = new RegisterWorld();
      const own = world;
      const registers = () => Object.fromEntries(own.registers);
      return {
        world,
        config: {},
        ports: { exec: localExec, now: Date.now },
        snapshot: async () => ({ version: own.version, registers: registers() }),
        state: async () => registers(),
        effects: async () => own.ledger.length,
        async cutOff() {
          own.reachable = false;
        },
        async slowDown() {
          own.slow = true;
        },
        async heal() {
          own.reachable = true;
          own.slow = false;
        },
        async tearDown() {},
      };
    },
    writes: [
      {
        name: 'two registers',
        steps: [
          { action: 'register.set', inputs: { register: 'kept', value: 'changed', password: secret } },
          { action: 'register.set', inputs: { register: 'fresh', value: 'made' } },
        ],
        drift: async (target) => target.world.write('kept', 'drifted'),
        undo: async (target) => target.world.write('fresh', null),
        secrets: [secret],
      },
    ],
    reads: [
      { name: 'a register', step: { action: 'register.get', inputs: { register: 'kept' } } },
      { name: 'a long register', step: { action: 'register.get', inputs: { register: 'kept' } }, exceedsBytes: 4 },
    ],
    failures: [
      {
        name: 'a missing register',
        steps: [{ action: 'register.get', inputs: { register: 'nowhere' } }],
        during: 'read',
        arrange: async () => undefined,
        codes: ['E_TARGET_MISSING'],
      },
    ],
    refused: [
      { action: 'register.set', inputs: { register: '../x', value: 'v' } },
      { action: 'register.get', inputs: {} },
    ],
  };
}
