import { installationRole, type Token, type WorkerKey, type WorkerRecord } from '@countersign/kernel';
import { type Readiness, type TargetRef, versionSkew, type WorkerView, worstReadiness } from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { sees } from '../operation/find-operation.ts';

/** Everything that is known of one worker. */
interface Known {
  readonly name: string;
  readonly record: WorkerRecord | null;
  readonly key: WorkerKey | null;
  readonly tokens: readonly Token[];
}

interface Judged {
  readonly status: Readiness;
  readonly message: string;
}

function judge(context: EngineContext, { record, key, tokens }: Known, targets: readonly Readiness[]): Judged {
  if (tokens.length > 0 && tokens.every(({ revokedAt }) => revokedAt !== null)) {
    return { status: 'unavailable', message: 'its credential was revoked' };
  }
  if (record === null) {
    return { status: 'unavailable', message: key === null ? 'it never came' : 'it joined and never came since' };
  }
  const silentMs = context.clock.now() - record.lastSeenAt;
  if (silentMs > context.settings.workerSilenceMs) {
    return { status: 'unavailable', message: `it has been silent for ${Math.round(silentMs / 1000)} s` };
  }
  const skew = versionSkew(record.version, context.settings.version);
  const { version } = context.settings;
  if (skew === 'older') return { status: 'degraded', message: `it is older than the server (${version}): upgrade it` };
  if (skew === 'newer') return { status: 'degraded', message: `it is newer than the server (${version})` };
  if (skew === 'unknown') return { status: 'degraded', message: `its version cannot be compared with ${version}` };
  const worst = worstReadiness(targets);
  return worst === 'ready'
    ? { status: 'ready', message: '' }
    : { status: 'degraded', message: 'a target of it is not ready' };
}

function viewWorker(context: EngineContext, known: Known, visible: readonly TargetRef[], whole: boolean): WorkerView {
  const { name, record, key, tokens } = known;
  const shown = (record?.targets ?? []).filter((target) => visible.some((seen) => seen.name === target.name));
  const connectors = (record?.manifests ?? [])
    .filter(({ connector }) => whole || shown.some((target) => target.connector === connector))
    .map(({ connector, version }) => ({
      connector,
      version,
      status: worstReadiness(shown.filter((target) => target.connector === connector).map((target) => target.status)),
    }));
  return {
    worker: name,
    version: record?.version ?? null,
    skew: record === null ? null : versionSkew(record.version, context.settings.version),
    credential: key !== null ? 'key' : tokens.length > 0 ? 'token' : 'inside',
    scope: whole && key !== null ? { targets: [...key.scope.targets], actions: [...key.scope.actions] } : null,
    registered_at: record?.registeredAt ?? null,
    last_seen_at: record?.lastSeenAt ?? null,
    ...judge(
      context,
      known,
      shown.map(({ status }) => status),
    ),
    connectors,
    targets: shown.map(({ name: target, connector, status, message, actions }) => ({
      target,
      connector,
      status,
      message,
      actions: actions === undefined ? null : [...actions],
    })),
  };
}

/**
 * Workers with their readiness, by name: those that serve a target which the caller sees, and all for whoever has a role in the
 * whole installation. `live` leaves out those that were silent so long that they serve nothing and joined with no key.
 */
export async function listWorkers(context: EngineContext, caller: Caller, live = false): Promise<WorkerView[]> {
  const { records, keys, tokens } = await context.store.read(async (reads) => ({
    records: await reads.workers.list(),
    keys: await reads.workerKeys.list(),
    tokens: (await reads.tokens.list()).filter(({ kind }) => kind === 'worker'),
  }));
  const whole = installationRole(caller.principal) !== null;
  const visible = context.targets.filter((target) => sees(caller, target));
  const now = context.clock.now();
  const names = [...new Set([...records, ...keys].map(({ worker }) => worker))].sort();
  return names.flatMap((name) => {
    const record = records.find(({ worker }) => worker === name) ?? null;
    const key = keys.find(({ worker }) => worker === name) ?? null;
    const silent = record === null || now - record.lastSeenAt > context.settings.workerSilenceMs;
    if (live && silent && key === null) return [];
    const known = { name, record, key, tokens: tokens.filter((token) => token.name === name) };
    const view = viewWorker(context, known, visible, whole);
    return whole || view.targets.length > 0 ? [view] : [];
  });
}
