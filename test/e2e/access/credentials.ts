import { tokenHash } from '@countersign/engine';
import { nodeSha256 } from '@countersign/evidence/node';
import type { Grant, GrantRole } from '@countersign/protocol';
import { v7 as uuidV7 } from 'uuid';
import type { TestServer } from '../harness/open-server.ts';

/** What a request proves itself with: headers, as one column of the table. */
export interface Column {
  readonly name: string;
  headers(method: string): Readonly<Record<string, string>>;
}

const roles: readonly GrantRole[] = ['viewer', 'actions', 'approver', 'admin'];

function byToken(name: string, token: string): Column {
  return { name, headers: () => ({ authorization: `Bearer ${token}` }) };
}

/** A session as a browser on the server's own page would use it. */
export interface BrowserSession {
  readonly cookie: string;
  readonly csrf: string;
}

/** Puts a person with these grants and a session of theirs into the database, as a sign-in would. */
export async function openBrowserSession(
  { running }: Pick<TestServer, 'running'>,
  name: string,
  grants: readonly Grant[],
): Promise<BrowserSession> {
  const { store, clock, vault } = running.context;
  const secret = `secret-of-${name}-${uuidV7()}`;
  const now = clock.now();
  const personId = uuidV7();
  await store.write(async (unit) => {
    await unit.people.insert({
      id: personId,
      name,
      grants,
      groups: [],
      state: 'active',
      passwordHash: null,
      identity: null,
      invitedBy: 'admin',
      createdAt: now,
      signedInAt: now,
    });
    await unit.sessions.insert({
      id: uuidV7(),
      hash: tokenHash(secret, nodeSha256),
      personId,
      method: 'password',
      address: '127.0.0.1',
      userAgent: 'test',
      createdAt: now,
      seenAt: now,
      expiresAt: now + 3_600_000,
      steppedUpAt: null,
      endedAt: null,
    });
  });
  return { cookie: `__Host-countersign=${secret}`, csrf: vault.csrfToken(secret) };
}

function bySession(name: string, url: string, { cookie, csrf }: BrowserSession): Column {
  const own = new URL(url).origin;
  return {
    name,
    headers: (method) => ({ cookie, origin: own, ...(method === 'GET' ? {} : { 'x-csrf-token': csrf }) }),
  };
}

/** Every credential of the table, in the order of its columns. Grants of `local` are for project shop, of `foreign` for another. */
export async function makeColumns(server: TestServer): Promise<Column[]> {
  const { url, bearer, admin } = server;
  const make = async (name: string, request: Omit<Parameters<typeof bearer>[0], 'name'>): Promise<Column> =>
    byToken(name, (await bearer({ name: `m-${name}`, ...request })).token);
  const revoked = await bearer({ name: 'm-revoked', kind: 'person', role: 'admin' });
  await admin.client.call('tokenRevoke', { params: { token_id: revoked.tokenId } });
  const expired = await bearer({ name: 'm-expired', kind: 'person', role: 'admin', expires_in_ms: 1 });
  const columns: Column[] = [{ name: 'none', headers: () => ({}) }];
  for (const role of roles) columns.push(await make(role, { kind: 'person', role }));
  columns.push(
    await make('local', { kind: 'person', grants: [{ role: 'admin', project: 'shop', environment: '*' }] }),
    await make('foreign', { kind: 'person', grants: [{ role: 'admin', project: 'bank', environment: '*' }] }),
    await make('unscoped', { kind: 'person', role: 'admin', scopes: ['people'] }),
    await make('agent', { kind: 'agent', role: 'actions', owner: 'm-actions' }),
    await make('service', { kind: 'service', role: 'approver', owner: 'm-approver' }),
    await make('worker', { kind: 'worker', role: 'worker' }),
    byToken('revoked', revoked.token),
    byToken('expired', expired.token),
  );
  for (const role of roles) {
    const session = await openBrowserSession(server, `s-${role}`, [{ role, project: '*', environment: '*' }]);
    columns.push(bySession(`s-${role}`, url, session));
  }
  const strange = await openBrowserSession(server, 's-foreign', [{ role: 'admin', project: 'bank', environment: '*' }]);
  columns.push(bySession('s-foreign', url, strange));
  return columns;
}
