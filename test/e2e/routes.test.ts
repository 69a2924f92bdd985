import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Permission, type Role, type RouteDefinition, routes } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { auditEntries } from './harness/audit.ts';
import { describeServer } from './harness/describe-server.ts';
import { expectEnvelope, send } from './harness/send.ts';

const order: readonly Permission[] = ['none', 'viewer', 'actions', 'approver', 'admin'];
const roles: readonly Role[] = ['viewer', 'actions', 'approver', 'admin', 'worker'];
const table = Object.entries(routes).map(([id, route]): readonly [string, RouteDefinition] => [id, route]);
const unknownId = '01890000-0000-7000-8000-000000000000';

function reaches(role: Role, permission: Permission): boolean {
  if (permission === 'none') return true;
  if (role === 'worker' || permission === 'worker') return role === permission;
  return order.indexOf(role) >= order.indexOf(permission);
}

/** What changes how a person signs in is reached by signing in; a body that does not fit is refused before that. */
function bySessionAlone({ path, body }: RouteDefinition): boolean {
  return path.startsWith('/v1/account') && body === undefined;
}

function mayByToken(role: Role, route: RouteDefinition): boolean {
  return reaches(role, route.permission) && !bySessionAlone(route);
}

function address({ path }: RouteDefinition): string {
  return path.replaceAll(/:[a-z_]+/g, unknownId);
}

describeServer('every route', {}, (stage) => {
  it('answers 401 without a token, with a revoked one and with an expired one; a role too low or of another lane is 403 (DO-4, DO-10)', async () => {
    const { url, bearer, admin } = stage();
    const revoked = await bearer({ name: 'gone', kind: 'person', role: 'admin' });
    await admin.client.call('tokenRevoke', { params: { token_id: revoked.tokenId } });
    const expired = await bearer({ name: 'late', kind: 'person', role: 'admin', expires_in_ms: 1 });
    const bearers = await Promise.all(
      roles.map(async (role) => ({
        role,
        ...(await bearer({ name: `r-${role}`, kind: role === 'worker' ? 'worker' : 'person', role })),
      })),
    );
    let cells = 0;
    for (const [, route] of table) {
      const request = {
        method: route.method,
        path: address(route),
        ...(route.body === undefined ? {} : { body: { nothing: 'that fits' } }),
      };
      if (route.permission !== 'none') {
        cells += 3;
        await expectEnvelope(await send(url, request), { code: 'E_AUTH_REQUIRED', status: 401 });
        for (const { token } of [revoked, expired])
          await expectEnvelope(await send(url, { ...request, token }), { code: 'E_AUTH_INVALID', status: 401 });
      }
      for (const { role, token } of bearers) {
        cells += 1;
        const allowed = mayByToken(role, route);
        // A stream or a long poll would wait; that it may be asked is proven by the others of its permission.
        if (allowed && (route.answers[200] === 'sse' || route.lane === 'worker')) continue;
        const answer = await send(url, { ...request, token });
        if (allowed) {
          expect(`${role} ${route.path}: ${[401, 403].includes(answer.status)}`).toBe(`${role} ${route.path}: false`);
          expect(answer.status).toBeLessThan(500);
          await answer.body?.cancel();
          continue;
        }
        await expectEnvelope(answer, { code: 'E_AUTH_FORBIDDEN', status: 403 });
      }
    }
    expect(cells).toBe(
      table.length * roles.length + table.filter(([, { permission }]) => permission !== 'none').length * 3,
    );
    console.log(`${cells} cells of route and credential on ${stage().dialect}`);
    const entries = await auditEntries(stage(), { event: 'access.refused' });
    const refusals = roles.flatMap((role) => table.filter(([, route]) => !mayByToken(role, route)));
    expect(entries.length).toBe(refusals.length);
  });

  it('a viewer who proposes is refused and audited; a worker token reads nothing (DO-10, DO-19)', async () => {
    const { url, vera } = stage();
    const answer = await send(url, { path: '/v1/ops/plan', token: vera.token, body: {} });
    const { error } = await expectEnvelope(answer, { code: 'E_AUTH_FORBIDDEN', status: 403 });
    expect(error.detail).toMatchObject({ needs: 'actions' });
    const entries = await auditEntries(stage(), { event: 'access.refused', actor: 'vera' });
    expect(entries).toMatchObject([{ outcome: 'refused', subject: { id: 'POST /v1/ops/plan' } }]);
  });

  it('the OpenAPI document that is served is the one in contracts/, and knows every route (OA-3, OR-11)', async () => {
    const served: unknown = await (await send(stage().url, { path: '/openapi.json' })).json();
    const file: unknown = JSON.parse(readFileSync(join(import.meta.dirname, '../../contracts/openapi.json'), 'utf8'));
    expect(served).toEqual(file);
    const paths = Object.keys(Object(Object(served).paths));
    for (const [, { path }] of table) expect(paths).toContain(path.replaceAll(/:([a-z_]+)/g, '{$1}'));
  });
});
