import { enrolmentMessage, makeWorkerProof, type Signer, toBase64, workerProofMs } from '@countersign/evidence';
import { createSigner, generateSigningKey } from '@countersign/evidence/node';
import type { EnrolmentCreated, EnrolmentCreateRequest, Outcome } from '@countersign/protocol';
import { expect, it } from 'vitest';
import type { EngineContext } from '../context/context.ts';
import { defaultDecider } from '../fixture/default-decider.ts';
import { type EngineBench, openEngineBench } from '../fixture/engine-bench.ts';
import { callerOf } from '../fixture/people.ts';
import { authenticate } from '../token/authenticate.ts';
import { createToken } from '../token/create-token.ts';
import { revokeWorker } from '../worker/revoke-worker.ts';
import { enrolWorker } from './enrol-worker.ts';
import { listEnrolments, makeEnrolment, revokeEnrolment } from './make-enrolment.ts';

const hourMs = 3_600_000;
const origin = { address: '10.0.0.9', correlationId: 'test-enrol' };
const signer = (): Signer => createSigner(generateSigningKey(), 'countersign/worker');

function value<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new Error(outcome.message);
}
const codeOf = (outcome: Outcome<unknown>): string => (outcome.ok ? 'ok' : outcome.code);

async function withContext(work: (context: EngineContext, bench: EngineBench) => Promise<void>): Promise<void> {
  await using bench = await openEngineBench();
  await work(bench.context(defaultDecider('standard'), []), bench);
}

const enrolment = async (
  context: EngineContext,
  change: Partial<EnrolmentCreateRequest> = {},
): Promise<EnrolmentCreated> =>
  value(
    await makeEnrolment(context, callerOf('carol'), {
      worker: 'shop-1',
      targets: ['shop-dev'],
      actions: ['docker.*'],
      ...change,
    }),
  );

function request(secret: string, key: Signer) {
  const publicKey = toBase64(key.publicKey);
  return { secret, public_key: publicKey, proof: toBase64(key.sign(enrolmentMessage(secret, publicKey))) };
}

const entries = async (context: EngineContext) =>
  (await context.store.read((reads) => reads.audit.query({ limit: 500 }))).map(({ body }) => body);
const proofOf = (context: EngineContext, key: Signer, at = context.clock.now()) =>
  makeWorkerProof(key, context.settings.installation, at);

it('a secret lets one worker join with a key of its own, which then proves it, and the log holds neither (DO-1)', async () => {
  await withContext(async (context) => {
    const made = await enrolment(context, { actions: ['docker.logs', 'docker.*', 'docker.logs'] });
    expect(made.secret).toMatch(/^csw_[A-Za-z0-9_-]{43}$/);
    const key = signer();
    const joined = value(await enrolWorker(context, request(made.secret, key), origin));
    expect(joined).toMatchObject({
      worker: 'shop-1',
      keyid: key.keyid,
      installation: context.settings.installation,
      targets: ['shop-dev'],
      actions: ['docker.*', 'docker.logs'],
    });
    expect(value(await authenticate(context, proofOf(context, key))).principal).toMatchObject({
      id: 'worker:shop-1',
      kind: 'worker',
      role: 'worker',
      root: 'worker:shop-1',
    });
    const log = JSON.stringify(await entries(context));
    expect(log).toContain('worker.enrolled');
    expect(log).not.toContain(made.secret);
    expect(await listEnrolments(context)).toMatchObject([{ state: 'redeemed', worker: 'shop-1' }]);
  });
});

it('of many who spend one secret at once one joins; the same key may ask again, as after a lost answer', async () => {
  await withContext(async (context) => {
    const { secret } = await enrolment(context);
    const keys = Array.from({ length: 100 }, signer);
    const answers = await Promise.all(keys.map((key) => enrolWorker(context, request(secret, key), origin)));
    const winners = keys.filter((_key, index) => answers[index]?.ok);
    expect(winners).toHaveLength(1);
    expect(new Set(answers.map(codeOf))).toEqual(new Set(['ok', 'E_ENROLMENT_INVALID']));
    expect(await context.store.read((reads) => reads.workerKeys.list())).toMatchObject([{ keyid: winners[0]?.keyid }]);
    for (const key of keys) {
      const again = await enrolWorker(context, request(secret, key), origin);
      expect(codeOf(again)).toBe(key === winners[0] ? 'ok' : 'E_ENROLMENT_INVALID');
    }
    const log = await entries(context);
    expect(log.filter(({ event }) => event === 'worker.enrolled')).toHaveLength(1);
    expect(log.filter(({ event }) => event === 'enrolment.refused')).toHaveLength(198);
  });
});

it('a secret that is unknown, revoked, over, or comes with a key that is not proven is refused alike', async () => {
  await withContext(async (context, bench) => {
    const [late, revoked, open] = [
      await enrolment(context, { expires_in_ms: 60_000 }),
      await enrolment(context),
      await enrolment(context),
    ];
    value(await revokeEnrolment(context, callerOf('carol'), revoked.enrolment_id));
    bench.clock.advance(60_000);
    const [key, other] = [signer(), signer()];
    const stolen = { ...request(open.secret, key), public_key: toBase64(other.publicKey) };
    const elsewhere = { ...request(open.secret, key), proof: request(late.secret, key).proof };
    const tried = [
      request(late.secret, key),
      request(revoked.secret, key),
      request(`csw_${'A'.repeat(43)}`, key),
      stolen,
      elsewhere,
    ];
    const answers = await Promise.all(tried.map((each) => enrolWorker(context, each, origin)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers.map(codeOf)).toEqual(tried.map(() => 'E_ENROLMENT_INVALID'));
    const why = (await entries(context)).flatMap(({ event, detail }) =>
      event === 'enrolment.refused' ? [detail['why']] : [],
    );
    expect(why.toSorted()).toEqual(['expired', 'revoked', 'the key is not proven', 'the key is not proven', 'unknown']);
    expect(await context.store.read((reads) => reads.workerKeys.list())).toEqual([]);
    expect((await listEnrolments(context)).map(({ state }) => state).toSorted()).toEqual([
      'expired',
      'open',
      'revoked',
    ]);
    expect(codeOf(await revokeEnrolment(context, callerOf('carol'), revoked.enrolment_id))).toBe('E_STATE');
    expect(codeOf(await enrolWorker(context, request(open.secret, key), origin))).toBe('ok');
    expect(await revokeEnrolment(context, callerOf('carol'), open.enrolment_id)).toMatchObject({
      code: 'E_STATE',
      detail: { next: expect.stringContaining('countersign workers revoke shop-1') },
    });
  });
});

it('a proof holds for its minute, for this installation, until the worker is revoked; a wrong clock is told the time', async () => {
  await withContext(async (context, bench) => {
    const key = signer();
    value(await enrolWorker(context, request((await enrolment(context)).secret, key), origin));
    const now = context.clock.now();
    const text = proofOf(context, key);
    expect(codeOf(await authenticate(context, text))).toBe('ok');
    expect(codeOf(await authenticate(context, makeWorkerProof(key, 'another', now)))).toBe('E_AUTH_INVALID');
    expect(codeOf(await authenticate(context, proofOf(context, signer())))).toBe('E_AUTH_INVALID');
    for (const offMs of [-5 * hourMs, 5 * hourMs]) {
      const refused = await authenticate(context, proofOf(context, key, now + offMs));
      expect(refused).toMatchObject({ code: 'E_AUTH_INVALID', detail: { server_time: now } });
    }
    // Nobody without the key learns whose clock is off.
    const forged = `${proofOf(context, key, now - hourMs).split('.')[0]}.${'A'.repeat(86)}`;
    expect(JSON.stringify(await authenticate(context, forged))).not.toContain('server_time');
    bench.clock.advance(workerProofMs + 1);
    expect(codeOf(await authenticate(context, text))).toBe('E_AUTH_INVALID');
    const fresh = proofOf(context, key);
    expect(codeOf(await authenticate(context, fresh))).toBe('ok');
    // The row that stands for a key is no token that anybody could send.
    expect(codeOf(await authenticate(context, `key:${key.keyid}`))).toBe('E_AUTH_INVALID');
    expect(value(await revokeWorker(context, callerOf('carol'), 'shop-1'))).toEqual({ worker: 'shop-1', revoked: 1 });
    expect(codeOf(await authenticate(context, fresh))).toBe('E_AUTH_INVALID');
    expect(value(await revokeWorker(context, callerOf('carol'), 'shop-1')).revoked).toBe(0);
    expect(codeOf(await revokeWorker(context, callerOf('carol'), 'nobody'))).toBe('E_NOT_FOUND');
  });
});

it('a worker that joins anew has one credential: its older key and its tokens end', async () => {
  await withContext(async (context) => {
    const token = value(
      await createToken(context, callerOf('carol'), { name: 'shop-1', kind: 'worker', role: 'worker' }),
    );
    const [first, second] = [signer(), signer()];
    value(await enrolWorker(context, request((await enrolment(context)).secret, first), origin));
    expect(codeOf(await authenticate(context, token.token))).toBe('E_AUTH_INVALID');
    const wider = await enrolment(context, { targets: ['*'], actions: ['*'] });
    value(await enrolWorker(context, request(wider.secret, second), origin));
    expect(codeOf(await authenticate(context, proofOf(context, first)))).toBe('E_AUTH_INVALID');
    expect(codeOf(await authenticate(context, proofOf(context, second)))).toBe('ok');
    expect(await context.store.read((reads) => reads.workerKeys.list())).toMatchObject([
      { worker: 'shop-1', keyid: second.keyid, scope: { targets: ['*'], actions: ['*'] } },
    ]);
    // A key is of one enrolment: it cannot be taken along into another.
    const third = await enrolment(context);
    expect(codeOf(await enrolWorker(context, request(third.secret, second), origin))).toBe('E_ENROLMENT_INVALID');
  });
});

it('only a person lets workers in and ends them, never an agent or a service', async () => {
  await withContext(async (context) => {
    const body = { worker: 'shop-1', targets: ['*'], actions: ['*'] };
    for (const name of ['adasBot', 'bobsBot', 'service'] as const) {
      expect(codeOf(await makeEnrolment(context, callerOf(name), body))).toBe('E_AUTH_FORBIDDEN');
      expect(codeOf(await revokeWorker(context, callerOf(name), 'shop-1'))).toBe('E_AUTH_FORBIDDEN');
    }
  });
});
