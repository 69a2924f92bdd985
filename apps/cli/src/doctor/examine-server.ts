import type { Client } from '@countersign/client';
import { CodedError, type HealthView } from '@countersign/protocol';
import { type Examination, fail, pass, warn } from './examination.ts';

const dayMs = 86_400_000;
/** A server whose clock differs more than this shows times that people will not believe. */
const clockToleranceMs = 5000;

async function examineClock(url: string, now: () => number): Promise<Examination> {
  const before = now();
  const answer = await fetch(new URL('/livez', url), { signal: AbortSignal.timeout(3000) });
  const there = Date.parse(answer.headers.get('date') ?? '');
  // The header has whole seconds, and the answer took its time.
  const apartMs = Math.max(0, Math.abs(there - (before + now()) / 2) - 1000 - (now() - before));
  if (Number.isNaN(there) || apartMs < clockToleranceMs)
    return pass('server.clock', 'its clock agrees with this machine');
  const seconds = Math.round(apartMs / 1000);
  return warn('server.clock', `its clock and this machine's are ${seconds} s apart`, 'set both by NTP');
}

function examineTargets({ connectors }: HealthView): Examination[] {
  return connectors.flatMap(({ targets }) =>
    targets.map(({ target, status, message }) => {
      const id = `target.${target}`;
      if (status === 'ready') return pass(id, message === '' ? 'ready' : message);
      const next = 'mend what it names, or start the worker that serves it';
      return status === 'degraded' ? warn(id, message, next) : fail(id, message, next);
    }),
  );
}

function examineWorkers({ workers, version }: HealthView): Examination[] {
  if (workers.length === 0) {
    return [fail('workers', 'no worker is connected, so nothing can be planned or run', 'start `countersign worker`')];
  }
  return workers.map((worker) => {
    const id = `worker.${worker.worker}`;
    if (worker.status === 'unavailable') {
      return warn(id, worker.message, 'look whether its process runs and reaches the server');
    }
    if (worker.skew !== 'same') {
      return warn(id, `version ${worker.version ?? '-'}, the server ${version}`, 'update the older of the two');
    }
    return pass(id, `version ${worker.version ?? '-'}`);
  });
}

function examineAudit({ audit }: HealthView): Examination[] {
  const log =
    audit.unsequenced > 1000
      ? warn('audit.log', `${audit.unsequenced} entries wait for their place`, 'see the server log for the sequencer')
      : pass('audit.log', `${audit.tree_size} entries`);
  const outside = audit.exports.map(({ sink, status, message }) =>
    status === 'ready'
      ? pass(`audit.export.${sink}`, 'checkpoints are kept there')
      : warn(`audit.export.${sink}`, message, 'mend it: only checkpoints kept elsewhere show a rewritten log'),
  );
  if (outside.length > 0) return [log, ...outside];
  const next = 'name a file, repository or webhook under checkpoints in countersign.yaml';
  return [log, warn('audit.export', 'checkpoints are kept nowhere else', next)];
}

async function examineBackups(client: Client, now: number): Promise<Examination> {
  const { backups } = await client.call('backupList');
  const newest = backups.find(({ state }) => state === 'complete');
  if (newest === undefined) return warn('backup', 'there is no backup', 'make one with `countersign backup make`');
  const days = Math.floor((now - newest.started_at) / dayMs);
  if (days < 7) return pass('backup', `the newest is ${newest.name}`);
  return warn('backup', `the newest is ${days} days old`, 'make one with `countersign backup make`');
}

async function examineStorage(client: Client): Promise<Examination> {
  const { artifacts, outputs, retention } = await client.call('storage');
  const over = (bytes: number, megabytes: number | null): boolean => megabytes !== null && bytes > megabytes * 1e6;
  if (over(artifacts.size_bytes, retention.artifact_mb) || over(outputs.size_bytes, retention.output_mb)) {
    return warn(
      'storage',
      'more is kept than the budget allows',
      'see `countersign storage show`, then `storage prune`',
    );
  }
  return pass('storage', 'within its budgets');
}

/** What only administrators may see is left out for others, and says so. */
async function asAdministrator(id: string, examine: () => Promise<Examination>): Promise<Examination> {
  try {
    return await examine();
  } catch (error) {
    if (error instanceof CodedError && error.code === 'E_AUTH_FORBIDDEN') {
      return pass(id, 'not looked at: only an administrator may');
    }
    throw error;
  }
}

/** Examines a running server from outside. Never throws for what it finds. */
export async function examineServer(
  client: Client,
  { url, version, now }: { readonly url: string; readonly version: string; now(): number },
): Promise<Examination[]> {
  let health: HealthView;
  try {
    health = await client.call('health');
  } catch (error) {
    if (error instanceof CodedError && ['E_AUTH_REQUIRED', 'E_AUTH_INVALID'].includes(error.code)) {
      return [fail('server', `${url} wants another token`, 'give one with --token-file or COUNTERSIGN_TOKEN')];
    }
    return [fail('server', `${url} does not answer`, 'start it with `countersign serve`, or name it with --server')];
  }
  const next = 'use the same version on both sides';
  return [
    health.status === 'unavailable'
      ? fail('server', 'it is up, but cannot write to its database', 'see the server log')
      : pass('server', `${url}, version ${health.version}, ${health.database.dialect}`),
    health.version === version
      ? pass('server.version', `both sides are ${version}`)
      : warn('server.version', `the server is ${health.version}, this program ${version}`, next),
    await examineClock(url, now),
    health.panic
      ? warn(
          'server.panic',
          'panic mode is on: nothing may start',
          'lift it with `countersign step-up` and `countersign panic off`',
        )
      : pass('server.panic', 'off'),
    ...examineAudit(health),
    ...examineWorkers(health),
    ...examineTargets(health),
    await asAdministrator('backup', () => examineBackups(client, now())),
    await asAdministrator('storage', () => examineStorage(client)),
  ];
}
