import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workerAuditHash, workerAuditLine, workerAuditStart } from '@countersign/evidence';
import { createSigner, generateSigningKey, nodeSha256 } from '@countersign/evidence/node';
import { WorkerAuditEntry, type WorkerAuditFact } from '@countersign/protocol';
import {
  makeTempFolder,
  type RunningChild,
  runCountersign,
  startCountersign,
  type TempFolder,
} from '@countersign/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AuditFiles } from '../../apps/countersign/src/worker/audit/audit-files.ts';
import { type Stage, withPeople } from './harness/describe-server.ts';
import { propose, runToEnd, writeFiles } from './harness/flow.ts';
import { openServer, repoTargets } from './harness/open-server.ts';

const canary = 'c4n4ry-Pa55word-9f2e';
let folder: TempFolder;
let stage: Stage;
let worker: RunningChild;
const own = (): string => join(folder.path, 'worker', 'audit', 'beside');

function startWorker(env: Readonly<Record<string, string>> = {}): Promise<RunningChild> {
  const args = ['worker', '--server', stage.url, '--config', join(folder.path, 'worker.yaml')];
  const given = ['--enrolment-file', join(folder.path, 'enrolment')];
  return startCountersign([...args, ...given], {
    cwd: folder.path,
    env: { COUNTERSIGN_DATA_DIR: folder.path, ...env },
  });
}

/** `countersign worker audit WORDS --json`, as whoever administers the server; its exit code and its document. */
async function audit(...words: readonly string[]): Promise<{ code: number | null; said: Record<string, unknown> }> {
  const env = {
    COUNTERSIGN_DATA_DIR: folder.path,
    COUNTERSIGN_SERVER: stage.url,
    COUNTERSIGN_TOKEN: stage.admin.token,
  };
  const { code, stdout, stderr } = await runCountersign(['worker', 'audit', ...words, '--json'], {
    cwd: folder.path,
    env,
  });
  return { code, said: JSON.parse(stdout || stderr) };
}

/** A copy of the worker's audit that a test may do harm to. */
function copied(name: string): { path: string; file: string } {
  const path = join(folder.path, name);
  cpSync(own(), path, { recursive: true, filter: (from) => !from.endsWith('lock') });
  return { path, file: join(path, readdirSync(path).find((each) => each.endsWith('.jsonl')) ?? '') };
}

beforeAll(async () => {
  folder = makeTempFolder();
  stage = await withPeople(await openServer('sqlite', { worker: false, config: { lease_ms: 2000 } }));
  writeFileSync(join(folder.path, 'worker.yaml'), JSON.stringify({ targets: repoTargets(stage.repos) }));
  const body = { worker: 'beside', targets: ['*'], actions: ['*'] };
  const { secret } = await stage.admin.client.call('enrolmentCreate', { body });
  writeFileSync(join(folder.path, 'enrolment'), secret);
  worker = await startWorker();
  await worker.waitFor(/Worker ready/);
});
afterAll(async () => {
  await worker.kill();
  await stage.close();
  folder.remove();
});

it('a worker keeps its own audit of plans, runs and reads, signed, and the server says the same (DO-1)', async () => {
  const content = `password: ${canary}\n`;
  const proposed = await propose(stage.alice.client, writeFiles('dev', { 'secret.yaml': content }));
  await runToEnd(stage.alice.client, proposed);
  const read = { action: 'repo.file', target: 'shop-dev', inputs: { path: 'secret.yaml' }, request_id: 'read-1' };
  await stage.alice.client.call('actionExecute', { body: read });
  const { said } = await audit('ls', '--op', proposed.op_id);
  expect(said['entries']).toMatchObject([
    { note: 'claimed', job: { kind: 'plan', plan_digest: null } },
    { note: 'ended', outcome: 'planned' },
    {
      note: 'claimed',
      job: { kind: 'run', target: 'shop-dev', actions: ['repo.write_files'], plan_digest: proposed.plan?.digest },
    },
    { note: 'intent', step: { index: 0, action: 'repo.write_files' } },
    { note: 'outcome', outcome: 'applied' },
    { note: 'outcome', outcome: 'verified' },
    { note: 'ended', outcome: 'succeeded' },
  ]);
  const all = (await audit('ls')).said['entries'];
  expect(all).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ note: 'ended', job: expect.objectContaining({ kind: 'read' }) }),
    ]),
  );
  expect(await audit('verify')).toMatchObject({
    code: 0,
    said: { state: 'pass', worker: 'beside', unsigned: 0, first_seq: 0 },
  });
  expect(await audit('compare')).toMatchObject({
    code: 0,
    said: { agreed: 4, only_server: [], only_worker: [], unknown_keys: [] },
  });
  for (const name of readdirSync(own())) {
    expect(readFileSync(join(own(), name), 'utf8')).not.toContain(canary);
    expect(statSync(join(own(), name)).mode & 0o777).toBe(0o600);
  }
});

it('killed right after an effect, it and its next life tell of one intent and of how it was found', async () => {
  await worker.kill();
  worker = await startWorker({ COUNTERSIGN_CRASH_AT: 'worker:after-effect:1' });
  await worker.waitFor(/Worker ready/);
  const proposed = await propose(stage.alice.client, writeFiles('dev', { 'killed.txt': 'once\n' }));
  const running = runToEnd(stage.alice.client, proposed);
  expect((await worker.exited).signal).toBe('SIGKILL');
  worker = await startWorker();
  expect(await running).toMatchObject({ run: { state: 'succeeded' } });
  const { said } = await audit('ls', '--op', proposed.op_id);
  const entries = JSON.stringify(said['entries']);
  expect(entries.match(/"note":"intent"/g)).toHaveLength(1);
  expect(entries.match(/"note":"outcome"/g)).toHaveLength(2);
  expect(await audit('compare')).toMatchObject({ code: 0, said: { state: 'pass' } });
});

it('a changed line is named; signatures that were taken away are missed; lines that were cut off are missed by the server, and made-up ones are not known to it', async () => {
  const changed = copied('changed');
  const lines = readFileSync(changed.file, 'utf8').split('\n');
  const at = lines.findIndex((line) => line.includes('"note":"intent"'));
  lines[at] = lines[at]?.replace('"fence":', '"fence":1') ?? '';
  writeFileSync(changed.file, lines.join('\n'));
  const { code, said } = await audit('verify', changed.path);
  expect(code).toBe(1);
  expect(said).toMatchObject({ error: { code: 'E_VERIFY', detail: { line: at + 1 } } });

  const cut = copied('cut');
  const kept = readFileSync(cut.file, 'utf8').split('\n').slice(0, at);
  writeFileSync(cut.file, `${kept.join('\n')}\n`);
  expect(await audit('verify', cut.path)).toMatchObject({ code: 0 });
  const missed = await audit('compare', cut.path);
  expect(missed.code).toBe(1);
  expect(missed.said['only_server']).toEqual(expect.arrayContaining([expect.objectContaining({ what: 'intent' })]));

  const stripped = copied('stripped');
  let prev = workerAuditStart;
  const unsigned = readFileSync(stripped.file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((text) => {
      const { public_key: _key, signature: _signature, ...body } = WorkerAuditEntry.parse(JSON.parse(text));
      const line = workerAuditLine({ ...body, prev }, null);
      prev = workerAuditHash(line, nodeSha256);
      return line;
    });
  writeFileSync(stripped.file, unsigned.map((line) => `${Buffer.from(line).toString()}\n`).join(''));
  expect(await audit('verify', stripped.path)).toMatchObject({ code: 0, said: { unsigned: unsigned.length } });
  expect(await audit('verify', '--require-signed', stripped.path)).toMatchObject({
    code: 1,
    said: { error: { code: 'E_VERIFY', detail: { unsigned: unsigned.length } } },
  });
  expect(await audit('verify', '--require-signed')).toMatchObject({ code: 0 });
  expect(await audit('compare', stripped.path)).toMatchObject({
    code: 1,
    said: { state: 'fail', only_server: [], unknown_keys: [], unsigned_of_enrolled: unsigned.length },
  });

  const { path } = copied('made-up/beside');
  const other = createSigner(generateSigningKey(), 'countersign/worker');
  const uuid = '01890000-0000-7000-8000-000000000001';
  const forger = await AuditFiles.open(join(path, '..'), {
    worker: 'beside',
    instance: uuid,
    signer: other,
    now: () => Date.now(),
  });
  const job = {
    op_id: uuid,
    job_id: uuid,
    run_id: 'r_1',
    kind: 'run' as const,
    fence: 1,
    target: 'shop-dev',
    actions: [],
    plan_digest: null,
  };
  const fact: WorkerAuditFact = {
    note: 'intent',
    job,
    step: { index: 0, action: null },
    outcome: null,
    code: null,
    message: null,
  };
  await forger.record(fact);
  await forger.record({ ...fact, note: 'outcome', outcome: 'applied' });
  await forger.close();
  expect(await audit('compare', path)).toMatchObject({
    code: 1,
    said: {
      state: 'fail',
      only_worker: [{ what: 'intent', op_id: uuid }],
      unknown_keys: [other.keyid],
      only_server: [],
    },
  });
});
