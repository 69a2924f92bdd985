import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@countersign/client';
import {
  createTestDatabase,
  freePort,
  makeGitRepository,
  makeTempFolder,
  startCountersign,
  waitForHttp,
} from '@countersign/testing';
import { expect, it } from 'vitest';
import { digestOf, propose, writeFiles } from './harness/flow.ts';
import { repoTargets, startFiles } from './harness/open-server.ts';

it('the same request on the same state has the same digest in any process, on SQLite and on Postgres [sqlite] [postgres] (CP-10)', async () => {
  using folder = makeTempFolder();
  using repo = await makeGitRepository(startFiles);
  const config = join(folder.path, 'countersign.yaml');
  writeFileSync(config, JSON.stringify({ targets: repoTargets({ dev: repo, stage: repo, prod: repo }) }));
  await using database = await createTestDatabase();
  await using other = await createTestDatabase();
  const digests: string[] = [];
  for (const [name, url] of Object.entries({ a: '', b: '', c: database.connectionString, d: other.connectionString })) {
    const port = await freePort();
    const dataDir = join(folder.path, name);
    await using child = await startCountersign(['serve', '--config', config], {
      cwd: folder.path,
      env: { COUNTERSIGN_DATA_DIR: dataDir, COUNTERSIGN_PORT: String(port), DATABASE_URL: url },
    });
    await child.waitFor(/Countersign is ready/, 60_000);
    await waitForHttp(`http://127.0.0.1:${port}/readyz`);
    const token = readFileSync(join(dataDir, 'admin.token'), 'utf8').trim();
    const client = connect({ url: `http://127.0.0.1:${port}`, token });
    for (const tier of ['dev', 'prod'] as const) {
      const change = { 'config/app.yaml': 'name: shop\nreplicas: 7\n', 'z.txt': 'z\n' };
      digests.push(`${tier} ${digestOf(await propose(client, { ...writeFiles(tier, change), note: `by ${name}` }))}`);
    }
    await child.kill('SIGTERM');
  }
  expect(digests.length).toBe(8);
  expect(new Set(digests).size).toBe(2);
}, 240_000);
