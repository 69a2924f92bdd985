import { expect, it } from 'vitest';
import { minuteMs, originOf } from '../fixture/fake-sign-in.ts';
import { callerOf } from '../fixture/people.ts';
import { codeOf, everywhere, opens, type SignInWorld, secretOf, signInWorld, value } from '../fixture/sign-in-world.ts';
import { invitePerson } from '../invite/make-invite.ts';
import { disablePerson, grantPerson } from '../person/change-person.ts';
import { authenticate } from '../token/authenticate.ts';
import { createToken } from '../token/create-token.ts';
import type { ExternalProfile, GroupMapping, IdentityProvider, ProviderChecks } from './ports.ts';
import { beginProviderSignIn, finishProviderSignIn } from './sign-in-with-provider.ts';

const there = originOf('10.0.0.1');

/** A provider that vouches for whoever the test says, and remembers what it was asked. */
function fakeProvider(name: string, mapping: readonly GroupMapping[] = []) {
  const seen: ProviderChecks[] = [];
  const state = { profile: profileOf('subject-1', 'zoe', []) };
  const provider: IdentityProvider = {
    name,
    label: name,
    mapping,
    async begin(checks, redirectUri) {
      seen.push(checks);
      return `https://${name}.example/authorize?state=${checks.state}&redirect_uri=${encodeURIComponent(redirectUri)}`;
    },
    async finish(checks, currentUrl) {
      const [begun] = seen.filter(({ state: known }) => known === checks.state);
      // The same proof must come back in both halves.
      expect(begun).toEqual(checks);
      expect(currentUrl).toContain('https://countersign.example.com/v1/auth/providers/');
      return { ok: true, profile: state.profile };
    },
  };
  return { provider, seen, state };
}

function profileOf(subject: string, name: string | null, groups: string[]): ExternalProfile {
  return { issuer: 'https://id.example', subject, name, groups };
}

async function begin(world: SignInWorld, provider: string, invite?: string) {
  const begun = value(await beginProviderSignIn(world.context, provider, { invite, return_to: '/ops' }, there));
  const state = new URL(begun.url).searchParams.get('state') ?? '';
  return { state, browser: begun.browser };
}

const finish = (world: SignInWorld, provider: string, back: { state: string | null; browser: string | null }) =>
  finishProviderSignIn(
    world.context,
    provider,
    { ...back, pathAndQuery: `/v1/auth/providers/${provider}/callback?code=c&state=${back.state}` },
    there,
  );

const ops: GroupMapping = { group: 'ops', grants: everywhere('approver'), groups: ['network'] };
const admins: GroupMapping = { group: 'admins', grants: everywhere('admin'), groups: ['database'] };

it('somebody invited joins by a provider and signs in there again; what they may do is what the invite said', async () => {
  const { provider } = fakeProvider('corp');
  await using world = await signInWorld(() => ({}), [provider]);
  const { context } = world;
  const request = { name: 'zoe.b', grants: everywhere('actions'), groups: ['database'] };
  const { link } = value(await invitePerson(context, callerOf('carol'), request));
  const joined = value(await finish(world, 'corp', await begin(world, 'corp', secretOf(link))));
  expect(joined.returnTo).toBe('/ops');
  expect(joined.opened.signedIn).toMatchObject({
    principal: { name: 'zoe.b', role: 'actions', groups: ['database'] },
    session: { method: 'oidc', stepped_up_at: null },
  });
  const again = value(await finish(world, 'corp', await begin(world, 'corp')));
  expect(again.opened.signedIn.principal).toEqual(joined.opened.signedIn.principal);
  expect(codeOf(await beginProviderSignIn(context, 'corp', { invite: secretOf(link), return_to: '/' }, there))).toBe(
    'E_INVITE_INVALID',
  );
});

it('nobody uninvited is let in, but by a group that is mapped; then what they may do follows their groups', async () => {
  const plain = fakeProvider('plain');
  const corp = fakeProvider('corp', [ops, admins]);
  await using world = await signInWorld(() => ({}), [plain.provider, corp.provider]);
  const { context } = world;
  await world.join('ann', 'admin');
  const signIn = async (provider: string) => await finish(world, provider, await begin(world, provider));
  expect(codeOf(await signIn('plain'))).toBe('E_SIGN_IN_FAILED');
  expect(codeOf(await signIn('corp'))).toBe('E_SIGN_IN_FAILED');
  corp.state.profile = profileOf('subject-1', 'zoe', ['staff', 'ops']);
  expect(value(await signIn('corp')).opened.signedIn.principal).toMatchObject({
    name: 'zoe',
    role: 'approver',
    groups: ['network'],
  });
  corp.state.profile = profileOf('subject-1', 'renamed', ['ops', 'admins']);
  const both = value(await signIn('corp')).opened;
  expect(both.signedIn.principal).toMatchObject({ name: 'zoe', role: 'admin', groups: ['network', 'database'] });
  // Their groups say it: an administrator here does not.
  const grant = await grantPerson(context, callerOf('carol'), 'zoe', { grants: everywhere('viewer'), groups: [] });
  expect(codeOf(grant)).toBe('E_STATE');
  const request = { name: 'bot', kind: 'agent', role: 'actions', owner: 'zoe' } as const;
  const { token } = value(await createToken(context, callerOf('carol'), request));
  const bot = async () => value(await authenticate(context, token)).principal;
  expect(await bot()).toMatchObject({ role: 'actions', grants: everywhere('actions') });
  // Without a change there is nothing to tell.
  expect(codeOf(await signIn('corp'))).toBe('ok');
  const before = { grants: everywhere('approver'), groups: ['network'] };
  const after = { grants: [...everywhere('approver'), ...everywhere('admin')], groups: ['network', 'database'] };
  const granted = () => world.audit('person.granted');
  expect(await granted()).toEqual([{ ...after, before, provider: 'corp' }]);
  corp.state.profile = profileOf('subject-1', 'zoe', []);
  expect(codeOf(await signIn('corp'))).toBe('E_SIGN_IN_FAILED');
  expect((await granted()).slice(1)).toEqual([{ grants: [], groups: [], before: after, provider: 'corp' }]);
  expect((await world.caller(both.secret)).principal).toMatchObject({ role: 'viewer', grants: [], groups: [] });
  expect(await bot()).toMatchObject({ role: 'viewer', grants: [] });
  const why = (await world.audit('auth.provider_refused')).map((detail) => detail['why']);
  expect(why).toEqual([
    'nobody invited them',
    'none of their groups is mapped',
    'none of their groups is mapped any more',
  ]);
  corp.state.profile = profileOf('subject-1', 'zoe', ['ops']);
  value(await disablePerson(context, callerOf('carol'), 'zoe'));
  expect(await opens(context, both)).toBe(false);
  expect(codeOf(await signIn('corp'))).toBe('E_SIGN_IN_FAILED');
});

it('nobody becomes, by what a provider calls them, who is known here: neither a person nor the owner of a token', async () => {
  const corp = fakeProvider('corp', [admins]);
  await using world = await signInWorld(() => ({}), [corp.provider]);
  await world.join('ann');
  value(await createToken(world.context, callerOf('carol'), { name: 'root', kind: 'person', role: 'admin' }));
  for (const name of ['ann', 'ANN', 'root', 'Root', 'a b', '-x', null]) {
    corp.state.profile = profileOf(`subject of ${name}`, name, ['admins']);
    expect(codeOf(await finish(world, 'corp', await begin(world, 'corp'))), String(name)).toBe('E_SIGN_IN_FAILED');
  }
  const people = await world.context.store.read((reads) => reads.people.list());
  expect(people.map(({ name, identity }) => [name, identity])).toEqual([['ann', null]]);
});

it('a state is good once, in its time, at its provider, and in the browser that began', async () => {
  const [corp, other] = [fakeProvider('corp', [ops]), fakeProvider('other', [ops])];
  corp.state.profile = profileOf('subject-1', 'zoe', ['ops']);
  other.state.profile = corp.state.profile;
  await using world = await signInWorld(() => ({}), [corp.provider, other.provider]);
  const refused = async (provider: string, back: { state: string | null; browser: string | null }) => {
    expect(codeOf(await finish(world, provider, back))).toBe('E_SIGN_IN_FAILED');
    return (await world.audit('auth.provider_refused')).at(-1)?.['why'];
  };
  const first = await begin(world, 'corp');
  const second = await begin(world, 'corp');
  expect(await refused('corp', { ...first, state: null })).toBe('no state');
  expect(await refused('corp', { ...first, browser: null })).toBe('the browser did not begin this sign-in');
  expect(await refused('corp', { ...first, state: 'made up' })).toBe('the state is unknown, used or over');
  expect(await refused('corp', { ...first, browser: second.browser })).toBe('another browser began this sign-in');
  expect(await refused('corp', first)).toBe('the state is unknown, used or over');
  expect(await refused('other', second)).toBe('the state belongs to another provider');
  const late = await begin(world, 'corp');
  world.pass(10 * minuteMs);
  expect(await refused('corp', late)).toBe('the state is unknown, used or over');
  expect(codeOf(await finish(world, 'corp', await begin(world, 'corp')))).toBe('ok');
});

it('nothing that opens a sign-in stands in the store, and nonce and verifier are new each time', async () => {
  const corp = fakeProvider('corp', [ops]);
  await using world = await signInWorld(() => ({}), [corp.provider]);
  const begun = [await begin(world, 'corp'), await begin(world, 'corp')];
  const secrets = corp.seen.flatMap(({ state, nonce, verifier }) => [state, nonce, verifier]);
  expect(new Set(secrets).size).toBe(6);
  for (const { verifier } of corp.seen) expect(verifier, 'RFC 7636, 4.1').toMatch(/^[A-Za-z0-9._~-]{43,128}$/);
  const taken = await world.context.store.write(async (unit) => {
    const ids = begun.map(({ state }) => world.context.sha256(Buffer.from(state)));
    return await Promise.all(
      ids.map((id) => unit.signIns.take(Buffer.from(id).toString('hex'), 'oidc', world.context.clock.now())),
    );
  });
  const stored = JSON.stringify(taken);
  expect(stored).toContain('corp');
  for (const secret of [...secrets, ...begun.map(({ browser }) => browser)]) expect(stored).not.toContain(secret);
});
