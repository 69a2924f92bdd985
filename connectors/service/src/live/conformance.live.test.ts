import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { localExec } from '@countersign/connector-kit';
import { type ConformanceTarget, describeConformance, type WriteCase } from '@countersign/connector-kit/conformance';
import { dockerSocket, makeTempFolder, proxySocket } from '@countersign/testing';
import { afterAll } from 'vitest';
import { serviceConnector } from '../index.ts';
import { configOf } from './connection.ts';
import { type Machine, startMachine } from './machine.ts';

/** A change that goes on after its caller left shows within this time. */
const settleMs = 250;

interface ServiceTarget extends ConformanceTarget {
  readonly machine: Machine;
}

/**
 * Machines for all checks of one kind, each lent to one check at a time: a host is not made anew for each, and its services are
 * brought back to their first state. Most of a check is waiting for a service to stay up, so that several run beside each other.
 */
function machines(kind: Machine['kind']): { lend(): Promise<Machine>; giveBack(machine: Machine): void } {
  const started: Promise<Machine>[] = [];
  const free: Machine[] = [];
  afterAll(async () => {
    for (const machine of await Promise.all(started)) await machine[Symbol.asyncDispose]();
  }, 60_000);
  return {
    async lend() {
      const known = free.pop();
      if (known !== undefined) return known;
      const made = startMachine(kind);
      started.push(made);
      return await made;
    },
    giveBack: (machine) => void free.push(machine),
  };
}

const asks: Readonly<Record<Machine['kind'], string>> = {
  systemd: 'systemctl is-active "$s"',
  supervisord: 'supervisorctl status "$s"',
  sysvinit: 'service "$s" status',
};

/** What a machine shows of some services, in one program: whether each is up, and its own count of starts and stops. */
async function looked(machine: Machine, names: readonly string[]) {
  const script = `for s; do echo "name $s"; ${asks[machine.kind]}; cat "/var/log/$s.effects"; done 2>/dev/null; true`;
  const parts = (await machine.run('sh', '-c', script, 'sh', ...names)).split(/^name .*$/m).slice(1);
  const count = (lines: readonly string[], wanted: string) => lines.filter((line) => line === wanted).length;
  return names.map((name, index) => {
    const lines = (parts[index] ?? '').split('\n');
    const up = lines.some((line) => /^active$|RUNNING|is running/.test(line));
    return { name, up, starts: count(lines, 'start'), stops: count(lines, 'stop') };
  });
}

async function settled(machine: Machine, names: readonly string[]) {
  for (let last = ''; ; ) {
    const now = await looked(machine, names);
    if (JSON.stringify(now) === last) return now;
    last = JSON.stringify(now);
    await sleep(settleMs);
  }
}

function setUp({ lend, giveBack }: ReturnType<typeof machines>, services: Readonly<Record<string, 'up' | 'down'>>) {
  return async (): Promise<ServiceTarget> => {
    const machine = await lend();
    const names = Object.keys(services);
    for (const { name, up } of await looked(machine, names)) {
      if (up !== (services[name] === 'up')) await machine.manage(up ? 'stop' : 'start', name);
    }
    const first = await settled(machine, names);
    const folder = makeTempFolder();
    const proxy = await proxySocket(join(folder.path, 'p.sock'), dockerSocket());
    return {
      machine,
      config: configOf(machine, proxy.path),
      ports: { exec: localExec, now: Date.now },
      snapshot: async () => await looked(machine, names),
      state: async () => (await looked(machine, names)).map(({ name, up }) => ({ name, up })),
      // A restart is one stop and one start; a start or a stop is half of that.
      effects: async () => {
        const now = await settled(machine, names);
        return now.reduce((sum, { starts, stops }, index) => {
          const was = first[index] ?? { starts: 0, stops: 0 };
          return sum + Math.max(starts - was.starts, stops - was.stops);
        }, 0);
      },
      cutOff: proxy.cutOff,
      slowDown: async () => proxy.slowDown(),
      heal: proxy.heal,
      tearDown: async () => {
        await proxy[Symbol.asyncDispose]();
        folder.remove();
        giveBack(machine);
      },
    };
  };
}

const step = (verb: string, service: string) => ({ action: `service.${verb}`, inputs: { service, stable_seconds: 1 } });
const stops =
  (service: string) =>
  async ({ machine }: ServiceTarget) =>
    await machine.manage('stop', service);

const restart: WriteCase<ServiceTarget> = {
  name: 'restart',
  steps: [step('restart', 'alpha')],
  drift: stops('alpha'),
  undo: stops('alpha'),
  // Between the stop and the start of one restart nobody can say what becomes of it.
  unappliedIsIndeterminate: true,
  secrets: ['hunter2'],
};
const list: WriteCase<ServiceTarget> = {
  name: 'stop and start',
  steps: [step('stop', 'alpha'), step('start', 'beta')],
  drift: stops('alpha'),
  undo: stops('beta'),
};

const common = {
  connector: serviceConnector,
  reads: [
    { name: 'list', step: { action: 'service.list', inputs: { all: true } }, secrets: ['hunter2'] },
    { name: 'list, cut', step: { action: 'service.list', inputs: {} }, exceedsBytes: 20 },
    { name: 'status', step: { action: 'service.status', inputs: { service: 'alpha' } }, secrets: ['hunter2'] },
    { name: 'logs, cut', step: { action: 'service.logs', inputs: { service: 'alpha', tail: 'all' } }, exceedsBytes: 8 },
  ],
  failures: [
    {
      name: 'restart of a service that was stopped meanwhile',
      steps: [step('restart', 'alpha')],
      during: 'apply',
      arrange: stops('alpha'),
      codes: ['E_PLAN_STALE'],
    },
    {
      name: 'status of an unknown service',
      steps: [{ action: 'service.status', inputs: { service: 'alpga' } }],
      during: 'read',
      arrange: async () => undefined,
      codes: ['E_TARGET_MISSING'],
    },
    {
      name: 'plan on an unreachable host',
      steps: [step('restart', 'alpha')],
      during: 'plan',
      arrange: ({ cutOff }) => cutOff(),
      codes: ['E_TARGET_UNREACHABLE'],
    },
  ],
  refused: [
    { action: 'service.list', inputs: { all: 'yes' } },
    { action: 'service.status', inputs: { service: '../alpha' } },
    { action: 'service.logs', inputs: { service: 'alpha', since: 600 } },
    { action: 'service.restart', inputs: { service: '--all' } },
    { action: 'service.start', inputs: { service: 'alpha', stable_seconds: 0 } },
    { action: 'service.stop', inputs: { service: 'al*' } },
  ],
} satisfies Partial<Parameters<typeof describeConformance<ServiceTarget>>[1]>;

describeConformance<ServiceTarget>('service on systemd', {
  ...common,
  concurrent: true,
  setUp: setUp(machines('systemd'), { alpha: 'up', beta: 'down' }),
  writes: [restart, list],
});

/**
 * The rules are the connector's, whatever the manager; the whole of them on the other managers takes minutes more. Their programs
 * take so much of a processor that several beside each other would run into their limits.
 */
if (process.env['COUNTERSIGN_SERVICE_CONFORMANCE'] === 'all') {
  for (const kind of ['supervisord', 'sysvinit'] as const) {
    describeConformance<ServiceTarget>(`service on ${kind}`, {
      ...common,
      setUp: setUp(machines(kind), { alpha: 'up', beta: 'down' }),
      writes: [restart, list],
    });
  }
}
