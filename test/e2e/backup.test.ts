import { randomUUID } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { connect } from '@countersign/client';
import { type BackupView, HealthView } from '@countersign/protocol';
import { createTestDatabase, makeTempFolder, runCountersign, waitUntil } from '@countersign/testing';
import { expect, it } from 'vitest';
import { startServer } from '../../apps/countersign/src/serve/serve.ts';
import { verified } from './harness/bundle.ts';
import { describeServer, type Stage } from './harness/describe-server.ts';
import { anchored, propose, runToEnd, show, writeFiles } from './harness/flow.ts';
import { liftPanic } from './harness/lift-panic.ts';
import type { Dialect } from './harness/open-server.ts';
import { expectRefused } from './harness/refused.ts';

async function madeBackup({ admin }: Stage): Promise<BackupView> {
  const begun = await admin.client.call('backupMake');
  expect(begun.state).toBe('running');
  return await waitUntil('the backup stands', async () => {
    const { backups } = await admin.client.call('backupList');
    const found = backups.find(({ name }) => name === begun.name);
    return found?.state === 'running' ? false : found;
  });
}

/** Restores into a fresh folder and a database of the given kind by the command line; answers what it said and a server on it. */
async function restored(backup: BackupView, dialect: Dialect) {
  const folder = makeTempFolder();
  const database = dialect === 'postgres' ? await createTestDatabase() : null;
  const dataDir = join(folder.path, 'data');
  const env = database === null ? {} : { DATABASE_URL: database.connectionString };
  const said = await runCountersign(['restore', backup.folder, '--data-dir', dataDir, '--json'], {
    cwd: folder.path,
    env,
  });
  expect(said.code, said.stderr).toBe(0);
  const running = await startServer({
    env: { PATH: process.env['PATH'], COUNTERSIGN_LOG_LEVEL: 'fatal', ...env },
    cwd: folder.path,
    dataDir,
    port: 0,
    worker: true,
  });
  return {
    report: JSON.parse(said.stdout),
    dataDir,
    url: running.url,
    async [Symbol.asyncDispose]() {
      await running.stop();
      await database?.drop();
      folder.remove();
    },
  };
}

describeServer('backup and restore', {}, (stage) => {
  it.each<Dialect>(['sqlite', 'postgres'])(
    'what is backed up is restored into %s: the audit verifies and goes on, bundles verify, nothing starts by itself',
    async (target) => {
      const { alice, admin } = stage();
      const done = await propose(alice.client, writeFiles('dev', { [`notes/${target}.md`]: 'before' }));
      await runToEnd(alice.client, done);
      await anchored(alice.client, done.op_id);
      const open = await propose(alice.client, writeFiles('prod', { [`notes/${target}.md`]: 'open' }));
      const request = {
        request_id: randomUUID(),
        target: 'shop-dev',
        action: 'repo.file',
        inputs: { path: 'README.md' },
      };
      const [artifact] = (await alice.client.call('actionExecute', { body: request })).artifacts;
      const params = { artifact_id: artifact?.artifact_id ?? '' };
      const backup = await madeBackup(stage());
      expect(backup).toMatchObject({ state: 'complete', message: 'complete' });
      expect(statSync(backup.folder).mode & 0o077).toBe(0);
      for (const entry of readdirSync(backup.folder, { withFileTypes: true, recursive: true }))
        expect(statSync(join(entry.parentPath, entry.name)).mode & 0o077, entry.name).toBe(0);

      await using copy = await restored(backup, target);
      expect(copy.report).toMatchObject({ backup: backup.name, database: target, rows: backup.rows });
      expect(copy.report.open).toContain(open.op_id);
      const there = (token: string) => connect({ url: copy.url, token });
      const client = there(alice.token);
      expect(HealthView.parse(await client.call('health'))).toMatchObject({
        panic: true,
        database: { dialect: target },
      });
      expect((await show(client, done.op_id)).status).toBe('succeeded');
      expect((await verified(client, done.bundle_id)).state).toBe('pass');
      expect(new TextDecoder().decode(await client.call('artifact', { params }))).toBe('# shop\n');
      const exported = readdirSync(join(copy.dataDir, 'docs/evidence'));
      expect(exported.length).toBe(copy.report.bundles);

      // Same installation, same signed log: the checkpoint of the first installation still fits the second's.
      const kept = join(copy.dataDir, 'kept.txt');
      writeFileSync(kept, JSON.parse(readFileSync(join(backup.folder, 'backup.json'), 'utf8')).audit.checkpoint);
      const env = { COUNTERSIGN_SERVER: copy.url, COUNTERSIGN_TOKEN: admin.token };
      const verify = await runCountersign(['audit', 'verify', '--checkpoint', kept], { cwd: copy.dataDir, env });
      expect(verify.code, verify.stderr).toBe(0);
      const { entries } = await client.call('audit', { query: { event: 'installation.restored', limit: 5 } });
      expect(entries).toHaveLength(1);
      expect(entries[0]?.detail).toMatchObject({ backup: backup.name, tree_size: backup.tree_size });

      const body = writeFiles('dev', { [`notes/after-${target}.md`]: 'after' });
      await expectRefused(
        there(admin.token).call('panicSet', { body: { on: false, reason: 'at once' } }),
        'E_STEP_UP_REQUIRED',
      );
      await liftPanic(there(admin.token), 'looked at everything');
      const next = await propose(client, body);
      await runToEnd(client, next);
      await anchored(client, next.op_id);
      expect((await verified(client, next.bundle_id)).state).toBe('pass');
    },
  );

  it('only an administrator may back up, and two at once are one', async () => {
    const { admin, vera } = stage();
    await expect(vera.client.call('backupMake')).rejects.toMatchObject({ code: 'E_AUTH_FORBIDDEN' });
    await expect(vera.client.call('backupList')).rejects.toMatchObject({ code: 'E_AUTH_FORBIDDEN' });
    const answers = await Promise.allSettled([admin.client.call('backupMake'), admin.client.call('backupMake')]);
    const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason.code] : []));
    expect(refused).toEqual(['E_STATE']);
    await waitUntil('it stands', async () =>
      (await admin.client.call('backupList')).backups.every(({ state }) => state === 'complete'),
    );
  });

  it('a backup that was changed, or lacks a part, is refused and nothing is restored', async () => {
    const backup = await madeBackup(stage());
    const check = (folder: string) => runCountersign(['backup', 'check', folder, '--json'], { cwd: folder });
    expect((await check(backup.folder)).code).toBe(0);
    const tables = readdirSync(join(backup.folder, 'tables'));
    const auditTable = join('tables', tables.find((name) => name.includes('-audit.')) ?? '');
    const spoil: Record<string, (folder: string) => void> = {
      'a changed table': (folder) => {
        const file = join(folder, auditTable);
        const text = gunzipSync(readFileSync(file)).toString('utf8');
        writeFileSync(file, gzipSync(text.replace('operation.proposed', 'operation.proposal')));
      },
      'a changed manifest': (folder) => {
        const file = join(folder, 'backup.json');
        writeFileSync(file, readFileSync(file, 'utf8').replace('"tree_size":', '"tree_size":1'));
      },
      'no manifest': (folder) => writeFileSync(join(folder, 'backup.json'), ''),
      'another key': (folder) => writeFileSync(join(folder, 'keys', 'signing-key.pem'), 'no key'),
      'a truncated table': (folder) => {
        const file = join(folder, auditTable);
        writeFileSync(file, readFileSync(file).subarray(0, -20));
      },
    };
    for (const [what, change] of Object.entries(spoil)) {
      using folder = makeTempFolder();
      const copy = join(folder.path, 'backup');
      cpSync(backup.folder, copy, { recursive: true });
      change(copy);
      const checked = await check(copy);
      expect([what, checked.code], checked.stdout).not.toEqual([what, 0]);
      const dataDir = join(folder.path, 'data');
      const result = await runCountersign(['restore', copy, '--data-dir', dataDir, '--json'], { cwd: folder.path });
      expect([what, result.code], result.stdout).not.toEqual([what, 0]);
      expect([what, readdirSync(folder.path)]).toEqual([what, ['backup']]);
    }
  });

  it('nothing is ever restored over something', async () => {
    const backup = await madeBackup(stage());
    const { dataDir } = stage();
    const before = readdirSync(dataDir).sort();
    const result = await runCountersign(['restore', backup.folder, '--data-dir', dataDir, '--json'], { cwd: dataDir });
    expect(result.code).toBe(2);
    expect(result.stdout + result.stderr).toContain('is not empty');
    expect(readdirSync(dataDir).sort()).toEqual(before);
  });
});
