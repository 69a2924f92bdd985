import { enrolmentMessage, fromBase64 } from '@countersign/evidence';
import { type Enrolment, grantsOf, type Token, type Unit } from '@countersign/kernel';
import { accept, type Enrolled, type EnrolRequest, type Outcome, type Refusal, refuse } from '@countersign/protocol';
import { recordAlone, recordAudit } from '../audit/record-audit.ts';
import { workerActor } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { credentialsTopic } from '../context/wake-ups.ts';
import { endTokens } from '../token/end-tokens.ts';
import { tokenHash } from '../token/token-text.ts';

/** Where a worker that joins calls from. */
export interface EnrolmentOrigin {
  readonly address: string;
  readonly correlationId: string;
}

interface OfferedKey {
  readonly keyid: string;
  readonly publicKey: string;
}

/** Unknown, used, revoked and expired secrets are told apart by nobody outside. */
async function refuseEnrolment(
  context: EngineContext,
  why: string,
  id: string | null,
  { address, correlationId }: EnrolmentOrigin,
): Promise<Refusal> {
  await recordAlone(context, {
    event: 'enrolment.refused',
    actor: { principal: 'unknown', root: 'unknown', ai: false },
    subject: { kind: 'enrolment', id: id ?? 'unknown' },
    outcome: 'refused',
    correlationId,
    detail: { why, address },
  });
  return refuse('E_ENROLMENT_INVALID', 'the enrolment is unknown, used or over', {
    next: 'ask for a new one: countersign workers enrol NAME --target TARGET --action ACTION',
  });
}

/** The key that a request offers, once it is shown that whoever asks holds its private half. */
async function offeredKey(context: EngineContext, request: EnrolRequest): Promise<OfferedKey | null> {
  const raw = fromBase64(request.public_key);
  const signature = fromBase64(request.proof);
  if (raw === null || signature === null) return null;
  const message = enrolmentMessage(request.secret, request.public_key);
  if (!(await context.verifyCrypto.verifyEd25519(raw, message, signature))) return null;
  const digest = Buffer.from(context.sha256(raw)).toString('hex');
  return { keyid: `sha256:${digest}`, publicKey: request.public_key };
}

function enrolled(context: EngineContext, { worker, scope }: Enrolment, keyid: string): Enrolled {
  const { installation, version } = context.settings;
  return {
    worker,
    keyid,
    installation,
    server_version: version,
    targets: [...scope.targets],
    actions: [...scope.actions],
  };
}

/** A worker has one credential: what it came with before ends, also a bearer token that was made for its name. */
async function endOlder(context: EngineContext, unit: Unit, worker: string, correlationId: string): Promise<number> {
  const older = (await unit.tokens.list()).filter(
    ({ kind, name, revokedAt }) => kind === 'worker' && name === worker && revokedAt === null,
  );
  const actor = workerActor(worker);
  await endTokens(context, unit, older, { actor, correlationId, why: 'the worker joined anew' });
  return older.length;
}

function tokenOf(context: EngineContext, worker: string, keyid: string): Token {
  return {
    id: context.ids.next(),
    // No text has this hash: the key alone proves it.
    hash: `key:${keyid}`,
    name: worker,
    kind: 'worker',
    role: 'worker',
    grants: grantsOf('worker'),
    groups: [],
    scopes: null,
    principal: `worker:${worker}`,
    root: `worker:${worker}`,
    ai: false,
    parent: null,
    createdAt: context.clock.now(),
    expiresAt: null,
    revokedAt: null,
    lastUsedAt: null,
    useCount: 0,
    steppedUpAt: null,
  };
}

async function join(
  context: EngineContext,
  unit: Unit,
  enrolment: Enrolment,
  { keyid, publicKey }: OfferedKey,
  { address, correlationId }: EnrolmentOrigin,
): Promise<void> {
  const { worker, scope } = enrolment;
  const replaced = await endOlder(context, unit, worker, correlationId);
  const token = tokenOf(context, worker, keyid);
  await unit.tokens.insert(token);
  const enrolledAt = context.clock.now();
  await unit.workerKeys.put({ worker, keyid, publicKey, tokenId: token.id, scope, enrolledAt });
  await recordAudit(context, unit, {
    event: 'worker.enrolled',
    actor: workerActor(worker),
    subject: { kind: 'worker', id: worker },
    outcome: 'ok',
    correlationId,
    detail: {
      enrolment_id: enrolment.id,
      keyid,
      token_id: token.id,
      targets: [...scope.targets],
      actions: [...scope.actions],
      made_by: enrolment.madeBy,
      replaced,
      address,
    },
  });
  unit.afterCommit(() => context.wake.notify(credentialsTopic));
}

/**
 * A worker joins: the secret is spent for the key that it made. Of many at once one does; whoever says the same again with the
 * same key, because the answer was lost, gets the same answer. E_ENROLMENT_INVALID for everything else.
 */
export async function enrolWorker(
  context: EngineContext,
  request: EnrolRequest,
  origin: EnrolmentOrigin,
): Promise<Outcome<Enrolled>> {
  const hash = tokenHash(request.secret, context.sha256);
  const found = await context.store.read((reads) => reads.enrolments.byHash(hash));
  if (found === null) return await refuseEnrolment(context, 'unknown', null, origin);
  const key = await offeredKey(context, request);
  if (key === null) return await refuseEnrolment(context, 'the key is not proven', found.id, origin);
  const known = await context.store.read((reads) => reads.workerKeys.byKeyid(key.keyid));
  if (found.outcome === 'redeemed' && found.keyid === key.keyid && known !== null) {
    return accept(enrolled(context, found, key.keyid));
  }
  if (found.outcome !== null) return await refuseEnrolment(context, found.outcome, found.id, origin);
  if (found.expiresAt <= context.clock.now()) return await refuseEnrolment(context, 'expired', found.id, origin);
  if (known !== null) return await refuseEnrolment(context, 'the key is of another enrolment', found.id, origin);
  const won = await commit(context, 'enrol', async (unit) => {
    const closing = { outcome: 'redeemed' as const, keyid: key.keyid, at: context.clock.now() };
    if (!(await unit.enrolments.close(found.id, closing))) return false;
    await join(context, unit, found, key, origin);
    return true;
  });
  if (won) return accept(enrolled(context, found, key.keyid));
  return await refuseEnrolment(context, 'lost a race', found.id, origin);
}
