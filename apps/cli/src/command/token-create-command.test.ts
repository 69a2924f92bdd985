import { tempFolder } from '@countersign/testing';
import { expect, onTestFinished, test } from 'vitest';
import { runConsole } from '../fake-console/fake-console.ts';
import { startRouteServer } from '../fake-console/route-server.ts';
import { sampleIds } from '../fake-console/sample-operation.ts';

async function create(...words: readonly string[]) {
  const bodies: Record<string, unknown>[] = [];
  const server = await startRouteServer({
    tokenCreate: ({ body }) => {
      bodies.push(body);
      return {
        ...{ token_id: sampleIds.op, name: 'looker', kind: 'agent', role: 'viewer', grants: [], groups: [] },
        ...{ scopes: body['scopes'] ?? null, principal: 'agent:ada/looker', root: 'ada', ai: true, created_by: null },
        ...{ created_at: 1, expires_at: null, revoked_at: null, last_used_at: null, use_count: 0, token: 'csn_text' },
      };
    },
  });
  onTestFinished(server.close);
  const env = { COUNTERSIGN_SERVER: server.url };
  const result = await runConsole(['token', 'create', 'looker', ...words], { cwd: tempFolder(), env });
  return { ...result, bodies };
}

test('a token is narrowed to scopes, given at once or one by one, each once', async () => {
  const asked = ['--kind', 'agent', '--scopes', 'operations:read, evidence:read', '--scopes', 'evidence:read'];
  const { code, bodies, stdout, stderr } = await create(...asked);
  expect([code, stdout]).toEqual([0, 'csn_text\n']);
  expect(bodies).toEqual([
    { name: 'looker', kind: 'agent', role: 'viewer', scopes: ['operations:read', 'evidence:read'] },
  ]);
  expect(stderr).toContain('narrowed to operations:read, evidence:read');
});

test('without scopes it is all that its role allows', async () => {
  const { bodies, stderr } = await create();
  expect(bodies).toEqual([{ name: 'looker', kind: 'person', role: 'viewer' }]);
  expect(stderr).not.toContain('narrowed');
});

test.each([
  ['operation:read', 'Did you mean operations:read?'],
  ['evidence:read,', 'One of operations:read, operations:propose'],
])('the scope %s is refused before the server is asked', async (scopes, hint) => {
  const { code, bodies, stderr } = await create('--scopes', scopes);
  expect(code).toBe(2);
  expect(stderr).toContain(hint);
  expect(bodies).toEqual([]);
});
