import { canonicalBytes, digestText } from '@countersign/evidence';
import {
  CodedError,
  type ConnectorManifest,
  JsonObject,
  type RegisterAnswer,
  type RegisterRequest,
} from '@countersign/protocol';
import { recordAudit } from '../audit/record-audit.ts';
import { workerActor } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { narrowTargets } from './narrow-targets.ts';
import { takeBack } from './take-back.ts';

function checkHash(context: EngineContext, manifest: ConnectorManifest): void {
  const { hash, ...content } = manifest;
  const expected = digestText(context.sha256(canonicalBytes(JsonObject.parse(content))));
  if (hash !== expected) {
    throw new CodedError('E_VALIDATION', `the manifest of ${manifest.connector} does not have the hash it announces`, {
      field: 'manifests',
      expected,
      next: 'announce the SHA-256 of its canonical JSON',
    });
  }
}

/** A worker announces itself; what counts of that is what the server knows, within the worker's scope. Leases of an older instance of the same worker are void at once. */
export async function registerWorker(context: EngineContext, request: RegisterRequest): Promise<RegisterAnswer> {
  for (const manifest of request.manifests) {
    checkHash(context, manifest);
    if (context.catalogue.builtIn(manifest.connector) !== undefined) {
      throw new CodedError('E_VALIDATION', `the connector "${manifest.connector}" belongs to the server itself`, {
        field: 'manifests',
        next: 'give the connector another name',
      });
    }
  }
  // What was added at another server a moment ago is served at once.
  await context.registry.refresh(context.store);
  const declined = await commit(context, 'register', async (unit) => {
    const now = context.clock.now();
    const narrowed = narrowTargets(context, request, await unit.workerKeys.get(request.worker));
    const { targets } = narrowed;
    const { looked_at: lookedAt, ...told } = request;
    if (lookedAt !== undefined) await unit.targets.answerLook(request.worker, lookedAt);
    await unit.workers.put({ ...told, targets, registeredAt: now, lastSeenAt: now });
    for (const job of await unit.jobs.ofOlderInstances(request.worker, request.instance))
      await takeBack(context, unit, job, 'restarted');
    await recordAudit(context, unit, {
      event: 'worker.registered',
      actor: workerActor(request.worker),
      subject: { kind: 'worker', id: request.worker },
      outcome: 'ok',
      correlationId: request.instance,
      detail: {
        version: request.version,
        targets: targets.map((target) => target.name),
        declined: narrowed.declined.map(({ target }) => target),
        manifests: request.manifests.map(({ connector, version, hash }) => ({ connector, version, hash })),
      },
    });
    return narrowed.declined;
  });
  context.catalogue.invalidate();
  const { leaseMs: lease_ms, heartbeatMs: heartbeat_ms, version: server_version } = context.settings;
  return { lease_ms, heartbeat_ms, server_version, declined: [...declined] };
}
