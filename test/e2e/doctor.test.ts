import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import type { Examination } from '@countersign/cli';
import { runCountersign, tempFolder } from '@countersign/testing';
import { expect, it } from 'vitest';
import { describeServer } from './harness/describe-server.ts';
import { liftPanic } from './harness/lift-panic.ts';

interface Said {
  readonly code: number | null;
  readonly found: Readonly<Record<string, Examination>>;
}

async function doctor(cwd: string, env: Readonly<Record<string, string>>, ...args: string[]): Promise<Said> {
  const result = await runCountersign(['doctor', '--json', ...args], { cwd, env });
  const { examinations }: { examinations: Examination[] } = JSON.parse(result.stdout);
  return { code: result.code, found: Object.fromEntries(examinations.map((each) => [each.id, each])) };
}

describeServer('doctor', {}, (stage) => {
  const env = () => {
    const { url, admin, databaseUrl } = stage();
    const database = databaseUrl === null ? {} : { DATABASE_URL: databaseUrl };
    return { COUNTERSIGN_SERVER: url, COUNTERSIGN_TOKEN: admin.token, ...database };
  };

  it('finds a healthy installation in order, and says what would make it better', async () => {
    const { dataDir, running, dialect } = stage();
    const { code, found } = await doctor(dataDir, env(), '--data-dir', dataDir, '--config', running.configFile);
    expect([code, Object.values(found).filter(({ status }) => status === 'fail')]).toEqual([0, []]);
    expect(found['database']?.message).toContain(dialect === 'sqlite' ? 'SQLite' : 'Postgres');
    expect(found['target.shop-prod']).toMatchObject({ status: 'pass' });
    expect(found['backup']).toMatchObject({ status: 'warn', next: expect.stringContaining('backup make') });
    expect(found['audit.export']).toMatchObject({ status: 'warn' });
    for (const { status, next } of Object.values(found)) expect(next === undefined).toBe(status === 'pass');
  });

  it('finds what is wrong: panic, keys that others can read, a setting that is none, a server that is not there', async () => {
    const { admin, dataDir, vera } = stage();
    await admin.client.call('panicSet', { body: { on: true, reason: 'drill' } });
    chmodSync(join(dataDir, 'keys'), 0o755);
    const ill = await doctor(dataDir, env(), '--data-dir', dataDir);
    await liftPanic(admin.client, 'drill ended');
    chmodSync(join(dataDir, 'keys'), 0o700);
    expect(ill.code).toBe(1);
    expect(ill.found['server.panic']).toMatchObject({ status: 'warn' });
    expect(ill.found['data.folder']).toMatchObject({ status: 'fail', next: `chmod -R go-rwx ${dataDir}` });

    const limited = await doctor(dataDir, { ...env(), COUNTERSIGN_TOKEN: vera.token }, '--data-dir', dataDir);
    expect(limited.found['backup']?.message).toContain('only an administrator');
    const nobody = await doctor(tempFolder(), { COUNTERSIGN_SERVER: 'http://127.0.0.1:9', DATABASE_URL: 'mysql://x' });
    expect(nobody.code).toBe(1);
    expect(nobody.found['server']).toMatchObject({
      status: 'fail',
      next: expect.stringContaining('countersign serve'),
    });
    expect(nobody.found['database']).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('DATABASE_URL'),
    });
    const stranger = await doctor(tempFolder(), { ...env(), COUNTERSIGN_TOKEN: 'csn_unknown' });
    expect(stranger.found['server']).toMatchObject({ status: 'fail', next: expect.stringContaining('--token-file') });
  });
});
