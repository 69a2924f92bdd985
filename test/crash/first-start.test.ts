import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@countersign/client';
import { createTestDatabase, reportFault } from '@countersign/testing';
import { describe, expect, it } from 'vitest';
import { bundledEntry } from './bundled.ts';
import { firstStartPoints } from './crash-points.ts';
import { type Installation, type InstallationOptions, makeInstallation } from './installation.ts';
import { verifiedAudit } from './proof.ts';

const keys = ['installation', 'signing-key.pem', 'seal-key'];
const timesEach = Number(process.env['COUNTERSIGN_TIMES'] ?? '5');

function keysIn({ dataDir }: Installation): (string | null)[] {
  return keys.map((name) => {
    const file = join(dataDir, 'keys', name);
    return existsSync(file) ? readFileSync(file, 'utf8') : null;
  });
}

/** Kills a first start at a point, starts again, and looks whether the installation is whole and one. */
async function firstStartKilledAt(point: string, pass: number, options: InstallationOptions): Promise<void> {
  await using installation = await makeInstallation({ targets: 1, ...options });
  const victim = await installation.serve({ crashAt: `${point}:${pass}` });
  expect(await victim.exited, victim.stderr()).toEqual({ code: null, signal: 'SIGKILL' });
  const before = keysIn(installation);
  const file = join(installation.dataDir, 'admin.token');
  const candidate = readdirSync(installation.dataDir).find((name) => name.startsWith('admin.token.'));
  const written = candidate === undefined ? null : readFileSync(join(installation.dataDir, candidate), 'utf8');

  const server = await installation.serve();
  const token = readFileSync(file, 'utf8');
  const admin = connect({ url: installation.url, token: token.trim() });
  expect(await admin.call('whoami')).toMatchObject({ role: 'admin' });
  // What was admitted had been written down before; only a token that nobody could use was replaced.
  if (point === 'first-token:after-commit') expect(token).toBe(written);
  for (const [index, key] of before.entries()) if (key !== null) expect(keysIn(installation)[index]).toBe(key);
  if (point.startsWith('first-token:')) expect(written).not.toBeNull();
  const { tokens } = await admin.call('tokenList');
  expect(tokens.map(({ name }) => name)).toEqual(['admin']);
  const trust = await admin.call('trust');
  const entries = await verifiedAudit(admin, trust);
  expect(entries.filter(({ event }) => event === 'installation.created')).toHaveLength(1);
  expect(await server.kill('SIGTERM')).toEqual({ code: 0, signal: null });
}

const kills = firstStartPoints.flatMap((point) => Array.from({ length: timesEach }, (_, index) => ({ point, index })));

describe('a first start that is killed leaves an installation that the next start makes whole (promise 1)', () => {
  it('at every point of it, on both databases', async () => {
    const entry = await bundledEntry();
    const waiting = [...kills];
    const lane = async (): Promise<void> => {
      for (let kill = waiting.shift(); kill !== undefined; kill = waiting.shift()) {
        // Three keys are made; everything else happens once.
        const pass = kill.point.startsWith('key:') ? 1 + (kill.index % 3) : 1;
        if (kill.index % 2 === 0) await firstStartKilledAt(kill.point, pass, { entry });
        else {
          await using database = await createTestDatabase();
          await firstStartKilledAt(kill.point, pass, { entry, databaseUrl: database.connectionString });
        }
      }
    };
    await Promise.all([lane(), lane(), lane()]);
    for (const point of firstStartPoints) {
      const held = 'keys kept, one first token that works, one installation';
      await reportFault({ fault: 'kill', point: `${point} of first start`, fired: timesEach, lost: 0, twice: 0, held });
    }
  }, 900_000);
});
