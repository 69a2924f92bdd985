import { randomBytes } from 'node:crypto';
import { type Misbehaviour, SoftAuthenticator } from '@countersign/testing';
import { expect, it } from 'vitest';
import { webauthnVerifier } from './webauthn-verifier.ts';

const origin = 'https://countersign.example.com';
const party = { id: 'countersign.example.com', name: 'Countersign', origins: [origin] };
const newChallenge = (): string => randomBytes(32).toString('base64url');
const wrongs: readonly [string, Misbehaviour][] = [
  ['another page', { origin: 'https://evil.example' }],
  ['another challenge', { challenge: newChallenge() }],
  ['another relying party', { rpId: 'evil.example' }],
  ['an owner who was not verified', { unverified: true }],
];

async function made(counter = 0) {
  const authenticator = new SoftAuthenticator(origin, counter);
  const challenge = newChallenge();
  const answer = authenticator.create({ challenge, rp: party, user: { id: 'dXNlcg' } });
  const passkey = await webauthnVerifier.created(party, challenge, answer);
  if (passkey === null) throw new Error('a good passkey was not taken');
  return { authenticator, passkey };
}

it('takes a passkey that was made for this server, and its signatures', async () => {
  const { authenticator, passkey } = await made(7);
  expect(passkey).toMatchObject({ id: authenticator.id, counter: 7, transports: ['internal'] });
  const challenge = newChallenge();
  const answer = authenticator.get({ challenge, rpId: party.id });
  expect(await webauthnVerifier.asserted(party, challenge, answer, passkey)).toEqual({ counter: 8 });
});

it.each(wrongs)('refuses %s', async (_what, wrong) => {
  const challenge = newChallenge();
  const created = new SoftAuthenticator(origin).create({ challenge, rp: party, user: { id: 'dXNlcg' } }, wrong);
  expect(await webauthnVerifier.created(party, challenge, created)).toBeNull();
  const { authenticator, passkey } = await made();
  const asserted = authenticator.get({ challenge, rpId: party.id }, wrong);
  expect(await webauthnVerifier.asserted(party, challenge, asserted, passkey)).toBeNull();
});

it("refuses another key's signature, a counter that did not rise, another passkey's id, and garbage", async () => {
  const { authenticator, passkey } = await made(5);
  const challenge = newChallenge();
  const options = { challenge, rpId: party.id };
  const check = (answer: ReturnType<SoftAuthenticator['get']>, key = passkey) =>
    webauthnVerifier.asserted(party, challenge, answer, key);
  expect(await check(authenticator.get(options, { foreignKey: true }))).toBeNull();
  expect(await check(authenticator.get(options, { counter: 5 }))).toBeNull();
  expect(await check(authenticator.get(options), (await made()).passkey)).toBeNull();
  const good = authenticator.get(options);
  for (const part of ['authenticatorData', 'signature', 'clientDataJSON'] as const)
    expect(await check({ ...good, response: { ...good.response, [part]: 'AAAA' } }), part).toBeNull();
  expect(await check(good)).not.toBeNull();
});
