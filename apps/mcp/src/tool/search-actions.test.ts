import type { ActionManifest } from '@countersign/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { connectedClient, fakeBridge } from '../fixture/fake-bridge.ts';

function action(name: string, title: string, description: string): ActionManifest {
  return {
    name,
    version: 1,
    title,
    description,
    effect: 'write',
    risk: 'low',
    timeoutMs: 1000,
    outputCapBytes: 1000,
    idempotency: 'none',
    replay: 'none',
    follows: false,
    inputSchema: { type: 'object' },
  };
}

const actions = [
  action('repo.write_files', 'Write files', 'One commit, then a restart of nothing.'),
  action('docker.restart', 'Restart a container', 'Stops and starts it.'),
  action('docker.logs', 'Read logs', 'The newest lines of a container.'),
];
const targets = ['web', 'db'].map((name) => ({
  name,
  project: 'shop',
  environment: 'dev',
  tier: 'dev',
  connector: 'docker',
  served: true,
  workers: ['w'],
  lockedBy: null,
}));

async function search(given: Record<string, unknown>) {
  const { bridge } = fakeBridge({ actions: () => ({ actions }), targets: () => ({ targets }) });
  const client = await connectedClient(bridge);
  onTestFinished(() => client.close());
  return await client.callTool({ name: 'search_actions', arguments: given });
}

test.each([
  [{ query: 'restart' }, ['docker.restart', 'repo.write_files'], 2],
  [{ query: 'CONTAINER logs' }, ['docker.logs'], 1],
  [{ query: 'write-files' }, ['repo.write_files'], 1],
  [{ query: 'restart kubernetes' }, [], 0],
  [{}, ['docker.logs', 'docker.restart', 'repo.write_files'], 3],
  [{ limit: 1 }, ['docker.logs'], 3],
])('%j finds by words, the best first', async (given, names, total) => {
  const { structuredContent } = await search(given);
  expect(structuredContent).toMatchObject({ actions: names.map((name) => ({ name })), total });
});

test('an action comes with its schema and where it can be done, marked as data', async () => {
  const { structuredContent, content } = await search({ query: 'restart container' });
  expect(structuredContent).toMatchObject({
    actions: [{ input_schema: { type: 'object' }, targets: [{ name: 'web' }, { name: 'db', project: 'shop' }] }],
  });
  expect(content).toMatchObject([{ type: 'text', text: expect.stringMatching(/^<<< DATA [0-9a-f]{32}: actions/) }]);
});
