import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, connect } from '@countersign/client';
import {
  createTestDatabase,
  freePort,
  makeGitRepository,
  makeTempFolder,
  startCountersign,
  waitForHttp,
} from '@countersign/testing';
import { Client as Postgres } from 'pg';
import { describe, expect, it } from 'vitest';
import { fetchBundle } from './harness/bundle.ts';
import { canariesIn, makeCanaries, searchFolder } from './harness/canaries.ts';
import { anchored, propose, runToEnd, until, writeFiles } from './harness/flow.ts';
import { repoTargets } from './harness/open-server.ts';
import { send } from './harness/send.ts';

async function dumpPostgres(url: string): Promise<string> {
  const client = new Postgres({ connectionString: url });
  await client.connect();
  const { rows } = await client.query("select tablename as name from pg_tables where schemaname = 'public'");
  let text = '';
  for (const { name } of rows) text += JSON.stringify((await client.query(`select * from "${name}"`)).rows);
  await client.end();
  return text;
}

describe.each(['sqlite', 'postgres'] as const)('secrets [%s]', (dialect) => {
  it('no canary leaves in database, evidence, artifacts, stream, log, metrics, errors: in no spelling, before and after sealing (CP-9, OR-3)', async () => {
    const canaries = makeCanaries(randomBytes(6).toString('hex'));
    using folder = makeTempFolder();
    using repo = await makeGitRepository({ 'app.env': `name=shop\npassword=${canaries.standing}\nport=80\n` });
    await repo.git('remote', 'add', 'origin', `https://bot:${canaries.remote}@git.invalid/x.git`);
    await using database = dialect === 'postgres' ? await createTestDatabase() : null;
    const config = join(folder.path, 'countersign.yaml');
    const targets = repoTargets({ dev: repo, stage: repo, prod: repo });
    const broken = { ...targets[0], name: 'broken', config: { path: `/nowhere/password=${canaries.remote}` } };
    writeFileSync(config, JSON.stringify({ targets: [...targets, broken] }));
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const dataDir = join(folder.path, 'data');
    await using child = await startCountersign(['serve', '--config', config], {
      cwd: folder.path,
      env: {
        COUNTERSIGN_DATA_DIR: dataDir,
        COUNTERSIGN_PORT: String(port),
        COUNTERSIGN_LOG_LEVEL: 'trace',
        DATABASE_URL: database?.connectionString ?? '',
        APP_PASSWORD: canaries.password,
      },
    });
    await waitForHttp(`${url}/readyz`, { timeoutMs: 60_000 });
    const token = readFileSync(join(dataDir, 'admin.token'), 'utf8').trim();
    const answers: string[] = [];
    const client: Client = connect({
      url,
      token,
      async fetch(input, init) {
        const response = await fetch(input, init);
        if (!(response.headers.get('content-type') ?? '').includes('event-stream'))
          answers.push(await response.clone().text());
        return response;
      },
    });
    const found = async (): Promise<string[]> => {
      const onDisk = searchFolder(dataDir, canaries);
      expect(onDisk.files).toBeGreaterThan(3);
      const dumped = database === null ? '' : await dumpPostgres(database.connectionString);
      const metrics = await (await send(url, { path: '/metrics', token })).text();
      const stderr = child.stderr() + child.stdout();
      const where = { database: dumped, metrics, stderr, answers: answers.join('\n') };
      return [
        ...onDisk.hits,
        ...Object.entries(where).flatMap(([place, text]) =>
          canariesIn(Buffer.from(text), canaries).map((name) => `${place}: ${name}`),
        ),
      ];
    };

    const secretFiles = {
      'app.env': `name=shop\npassword=${canaries.standing}\nport=81\n`,
      'conf/secret.yaml': `password: ${canaries.password}\naws: ${canaries.aws}\n`,
      'conf/key.pem': `${canaries.key}\n`,
    };
    const message = `Rotate, password=${canaries.password}`;
    const planned = await propose(client, {
      ...writeFiles('dev', secretFiles, message),
      note: `password: ${canaries.password}`,
    });
    expect(planned.diffs.length).toBe(3);
    expect(JSON.stringify(planned.diffs)).toContain('[secret]');
    expect(await found(), 'while the operation is open').toEqual([]);
    await runToEnd(client, planned);
    expect(await repo.git('show', 'main:conf/secret.yaml')).toContain(canaries.password);
    await anchored(client, planned.op_id);
    const events: unknown[] = [];
    for await (const event of client.events(planned.op_id)) events.push(event);
    answers.push(JSON.stringify(events));
    const { files } = await fetchBundle(client, planned.bundle_id);
    for (const [path, content] of files) expect(`${path}: ${canariesIn(content, canaries)}`).toBe(`${path}: `);

    const { 'app.env': own } = secretFiles;
    const plain = await runToEnd(client, await propose(client, writeFiles('dev', { 'app.env': `${own}more=1\n` })));
    const undo = await client.call('opsRollback', {
      params: { op_id: plain.op_id },
      body: {},
      preferWaitSeconds: 30,
    });
    await runToEnd(client, undo);
    for (const [action, inputs] of Object.entries({
      'repo.file': { path: 'app.env' },
      'repo.diff': {},
      'repo.status': {},
      'repo.tree': {},
    })) {
      const read = await client.call('actionExecute', {
        body: { request_id: randomUUID(), target: 'shop-dev', action, inputs },
      });
      for (const { artifact_id } of read.artifacts)
        answers.push(Buffer.from(await client.call('artifact', { params: { artifact_id } })).toString('latin1'));
    }
    // Failing ways: a target that is not there, a refused input, a comment with a secret, a rejected change.
    const [step] = writeFiles('dev', secretFiles).steps;
    await propose(client, { target: 'broken', steps: step === undefined ? [] : [step] }).catch(() => null);
    const outside = { files: [{ path: `../password=${canaries.password}`, content: canaries.aws }], message };
    const failed = await propose(client, {
      target: 'shop-dev',
      steps: [{ action: 'repo.write_files', inputs: outside }],
    });
    expect(failed.display).toBe('plan_failed');
    const doomed = await propose(client, writeFiles('prod', secretFiles, message));
    await client.call('opsReject', {
      params: { op_id: doomed.op_id },
      body: { reason: `password: ${canaries.password}` },
    });
    const dropped = await propose(client, writeFiles('stage', secretFiles, message));
    await client.call('opsCancel', {
      params: { op_id: dropped.op_id },
      body: { reason: `password: ${canaries.password}` },
    });
    await repo.commit({ 'moved.txt': 'm\n' });
    await until(client, dropped.op_id, 'closed', ({ state }) => state === 'closed');
    expect(await found(), 'after everything').toEqual([]);
    await child.kill('SIGTERM');
    expect(await found().catch(() => searchFolder(dataDir, canaries).hits), 'after the end').toEqual([]);
  }, 120_000);
});
