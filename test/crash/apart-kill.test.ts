import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type ChildExit, makeTempFolder, startChild, waitUntil } from '@countersign/testing';
import { expect, it } from 'vitest';
import { bundledEntry } from './bundled.ts';
import { apartPoints } from './crash-points.ts';
import { type Installation, makeInstallation, type People } from './installation.ts';
import { verifiedAudit } from './proof.ts';
import { reportKills } from './report-kills.ts';

const timesEach = 5;
/** A millisecond: everything that has ended is old. */
const short = 1 / 86_400_000;
const settings = `retention: { artifact_days: ${short}, output_days: ${short} }\n`;

async function readSomething({ requester }: People): Promise<void> {
  const body = { target: 'target-0', action: 'repo.tree', inputs: {}, request_id: randomUUID() };
  expect((await requester.call('actionExecute', { body })).artifacts).toHaveLength(1);
}

const contentOf = async ({ admin }: People): Promise<number> => (await admin.call('storage')).artifacts.count;

/** Every artifact that retention took, by its name in the log. */
async function takenIn({ admin }: People): Promise<string[]> {
  const entries = await verifiedAudit(admin, await admin.call('trust'));
  return entries
    .filter(({ event, detail }) => event === 'retention.applied' && detail['kind'] === 'artifact')
    .flatMap(({ detail }) => (Array.isArray(detail['removed']) ? detail['removed'] : []))
    .map((removed) => String(Object(removed).id));
}

it('retention that is killed takes the same content once, and says so once (promise 4)', async () => {
  await using installation = await makeInstallation({ targets: 1, entry: await bundledEntry(), settings });
  let server = await installation.serve();
  const people = await installation.enrol();
  const points = apartPoints.filter((point) => point.startsWith('retention:'));
  for (let time = 1; time <= timesEach; time += 1)
    for (const [index, point] of points.entries()) {
      await readSomething(people);
      const before = await takenIn(people);
      await server.kill();
      const victim = await installation.serve({ crashAt: `${point}:1` });
      expect(await victim.exited, victim.stderr()).toEqual({ code: null, signal: 'SIGKILL' });
      server = await installation.serve();
      await people.admin.call('retentionApply');
      expect(await contentOf(people), `${point} ${time}.${index}`).toBe(0);
      const after = await takenIn(people);
      expect(new Set(after).size, 'each is taken once').toBe(after.length);
      expect(after.length).toBe(before.length + 1);
    }
  const held = 'each artifact taken once, named once in the log';
  await reportKills({ points, of: 'server', times: timesEach, held });
}, 300_000);

async function backup({ admin }: People): Promise<string> {
  const { name } = await admin.call('backupMake');
  return await waitUntil('the backup stands', async () => {
    const found = (await admin.call('backupList')).backups.find((each) => each.name === name);
    return found?.state === 'complete' && found.folder;
  });
}

interface Ended extends ChildExit {
  readonly stderr: string;
}

/** Runs the product with other arguments than `serve` and `worker`, to its end. */
async function run({ folder }: Installation, args: readonly string[], env: Record<string, string>): Promise<Ended> {
  const own = { ...process.env, NO_COLOR: '1', DATABASE_URL: '', ...env };
  const child = await startChild(process.execPath, [await bundledEntry(), ...args], { cwd: folder, env: own });
  return { ...(await child.exited), stderr: child.stderr() };
}

const restore = (installation: Installation, from: string, to: string, crashAt = ''): Promise<Ended> =>
  run(installation, ['restore', from, '--data-dir', to, '--json'], { COUNTERSIGN_CRASH_AT: crashAt });

it('a restore that is killed is no installation: nothing starts there, and the next one into a new folder is whole (promise 5)', async () => {
  await using installation = await makeInstallation({ targets: 1, entry: await bundledEntry() });
  const server = await installation.serve();
  const people = await installation.enrol();
  await readSomething(people);
  const folder = await backup(people);
  await server.kill('SIGTERM');
  const points = apartPoints.filter((point) => point.startsWith('restore:'));
  using temp = makeTempFolder();
  for (let time = 1; time <= timesEach; time += 1)
    for (const point of points) {
      const to = join(temp.path, `${point.replaceAll(':', '-')}-${time}`);
      expect(await restore(installation, folder, to, `${point}:1`)).toMatchObject({ signal: 'SIGKILL' });
      const started = await run(installation, ['serve'], { COUNTERSIGN_DATA_DIR: to });
      expect(started.code).not.toBe(0);
      expect(started.stderr).toContain('was broken off');
      const again = await restore(installation, folder, to);
      expect(again.stderr).toContain('was broken off');
    }
  const to = join(temp.path, 'whole');
  const whole = await restore(installation, folder, to);
  expect(whole.code, whole.stderr).toBe(0);
  await installation.serve({ env: { COUNTERSIGN_DATA_DIR: to } });
  const entries = await verifiedAudit(people.admin, await people.admin.call('trust'));
  expect(entries.filter(({ event }) => event === 'installation.restored')).toHaveLength(1);
  const held = 'no server starts in the folder, nothing is written over; a new folder is restored whole';
  await reportKills({ points, of: 'restore', times: timesEach, held });
}, 300_000);
