import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { localExec, type ParsedStep } from '@countersign/connector-kit';
import { JsonObject } from '@countersign/protocol';
import { hostileValues, tempFolder } from '@countersign/testing';
import { describe, expect, it } from 'vitest';
import type { DriverName } from './config.ts';
import { scriptedHost } from './fixture/scripted-host.ts';
import { serviceConnector } from './index.ts';

const seed = Number(process.env['COUNTERSIGN_SEED'] ?? Date.now() % 1_000_000);
const count = 10_000;
const values = hostileValues(seed, count);
const plainName = 'zzqz';
const drivers = ['systemd', 'supervisord', 'sysvinit'] as const;

function parsed(action: string, inputs: JsonObject): ParsedStep | undefined {
  const schema = serviceConnector.actions.find(({ name }) => name === action)?.inputs;
  const answer = schema?.safeParse(inputs);
  if (answer?.success !== true) return undefined;
  return { index: 0, action, inputs: JsonObject.parse(answer.data), idempotencyKey: 'key' };
}

const quiet = {
  signal: new AbortController().signal,
  outputCapBytes: 100_000,
  output: async () => true,
  progress: () => undefined,
};

/** Every argument list that comes of one value in each place where an action takes one. */
async function argumentLists(driver: DriverName, name: string): Promise<string[][]> {
  const { exec, asked } = scriptedHost(driver, name);
  const target = serviceConnector.connect({ log_files: { [name]: '/var/log/x.log' } }, { exec, now: () => 0 });
  const reads = [
    parsed('service.list', { name }),
    parsed('service.status', { service: name }),
    parsed('service.logs', { service: name }),
    parsed('service.logs', { service: name, follow: true, tail: 'all' }),
  ];
  for (const step of reads) if (step !== undefined) await target.read(step, quiet);
  for (const action of ['service.restart', 'service.start', 'service.stop']) {
    const step = parsed(action, { service: name });
    if (step === undefined) continue;
    await target.plan([step], quiet);
    const { guard } = await target.observe([step], quiet);
    const before = await target.before(step, guard, quiet);
    await target.apply(step, before, guard, quiet);
    await target.reconcile(step, { before, guard, recordedAt: 0 }, quiet);
  }
  await target.close();
  return asked.map(({ file, args }) => [file, ...args]);
}

/** The same arguments with another name in its places. systemd's suffix is not said twice. */
function renamed(list: readonly string[], name: string): string[] {
  const unit = name.endsWith('.service') ? name : `${name}.service`;
  return list.map((argument) =>
    argument.replaceAll(`${plainName}.service`, () => unit).replaceAll(plainName, () => name),
  );
}

describe(`DO-21 10,000 hostile values, seed ${seed}`, () => {
  const accepted = [...new Set(values.filter((value) => parsed('service.status', { service: value }) !== undefined))];
  const all: string[][] = [];

  it('are refused by every schema unless they are names through and through', () => {
    expect(accepted.length).toBeGreaterThan(50);
    expect(accepted.length).toBeLessThan(count / 2);
    for (const value of values) {
      const taken = ['status', 'logs', 'restart', 'start', 'stop'].map(
        (verb) => parsed(`service.${verb}`, { service: value }) !== undefined,
      );
      expect(new Set(taken).size, value).toBe(1);
      if (taken[0]) expect(value).toMatch(/^[A-Za-z0-9_][A-Za-z0-9:_.@\\-]*$/);
    }
  });

  it.each(drivers)('change no argument list of %s but in the name itself', { timeout: 120_000 }, async (driver) => {
    const plain = await argumentLists(driver, plainName);
    expect(plain.length).toBeGreaterThan(20);
    // A name stands alone, in a path, or as the value of its own option: no accepted one begins with a dash.
    const places = plain.flat().filter((argument) => argument.includes(plainName));
    expect(places.filter((place) => place.startsWith('-') && !place.startsWith('--unit='))).toEqual([]);
    for (const value of accepted.filter((name) => name !== 'all')) {
      const lists = await argumentLists(driver, value);
      expect(lists).toEqual(plain.map((list) => renamed(list, value)));
      all.push(...lists);
    }
  });

  it('as filters and times reach no process as they are', async () => {
    const argumentsOf = async (action: string, inputs: JsonObject) => {
      const { exec, asked } = scriptedHost('systemd', plainName);
      const step = parsed(action, inputs);
      if (step === undefined) return undefined;
      await serviceConnector.connect({}, { exec, now: () => 0 }).read(step, quiet);
      return asked.map(({ file, args }) => [file, ...args]);
    };
    const plain = await argumentsOf('service.list', { name: 'plain' });
    for (const value of values.slice(0, 1000)) {
      const list = await argumentsOf('service.list', { name: value });
      if (list !== undefined) expect(list).toEqual(plain);
      const logs = await argumentsOf('service.logs', { service: plainName, since: value });
      for (const argument of logs?.flat() ?? [])
        if (argument.startsWith('--since')) expect(argument).toMatch(/^--since=@\d+$/);
    }
  });

  it('arrive in a real process one by one, byte for byte', { timeout: 120_000 }, async () => {
    const recorder = join(tempFolder(), 'recorder');
    writeFileSync(recorder, `#!${process.execPath}\nprocess.stdout.write(JSON.stringify(process.argv.slice(2)));\n`);
    chmodSync(recorder, 0o755);
    const everything = all.flat();
    expect(everything.length).toBeGreaterThan(1000);
    for (let from = 0; from < everything.length; from += 20_000) {
      const args = everything.slice(from, from + 20_000);
      const { stdout } = await localExec.run({
        file: recorder,
        args,
        env: {},
        timeoutMs: 30_000,
        maxBytes: 16 * 1024 * 1024,
      });
      expect(JSON.parse(Buffer.from(stdout).toString())).toEqual(args);
    }
  });

  it('supervisord takes no name for all of its programs', async () => {
    const { exec, asked } = scriptedHost('supervisord', 'all');
    const step = parsed('service.stop', { service: 'all' });
    if (step === undefined) throw new Error('the schema cannot know what supervisord makes of it');
    const target = serviceConnector.connect({ driver: 'supervisord' }, { exec, now: () => 0 });
    await expect(target.before(step, { services: [] }, quiet)).rejects.toMatchObject({ code: 'E_TARGET_MISSING' });
    expect(asked.flatMap(({ args }) => args)).not.toContain('stop');
  });
});
