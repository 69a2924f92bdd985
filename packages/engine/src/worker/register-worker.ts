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

/** A worker announces itself. Leases of an older instance of the same worker are void at once. */
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
  const targets = request.targets.filter((offered) =>
    context.targets.some(
      (known) =>
        known.name === offered.name &&
        known.connector === offered.connector &&
        context.catalogue.builtIn(known.connector) === undefined,
    ),
  );
  await commit(context, 'register', async (unit) => {
    const now = context.clock.now();
    await unit.workers.put({ ...request, targets, registeredAt: now, lastSeenAt: now });
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
        manifests: request.manifests.map(({ connector, version, hash }) => ({ connector, version, hash })),
      },
    });
  });
  context.catalogue.invalidate();
  return { lease_ms: context.settings.leaseMs, heartbeat_ms: context.settings.heartbeatMs };
}
