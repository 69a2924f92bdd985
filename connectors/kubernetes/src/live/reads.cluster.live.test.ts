import type { WorkContext } from '@countersign/connector-kit';
import { contextOf } from '@countersign/connector-kit/conformance';
import { JsonObject } from '@countersign/protocol';
import { waitUntil } from '@countersign/testing';
import { describe, expect, it } from 'vitest';
import { admin } from './admin.ts';
import {
  connectCluster,
  makeDeployment,
  makeNamespace,
  makePod,
  podOf,
  podSpec,
  stepOf,
  untilStopped,
} from './cluster.ts';

const textOf = (content: Uint8Array | undefined) => Buffer.from(content ?? []).toString('utf8');

describe('k8s.list', () => {
  it('lists pods of the target with what does not run and why, and keeps the values of the environment (DO-6)', async () => {
    const namespace = await makeNamespace();
    const env = [{ name: 'PASSWORD', value: 'hunter2' }];
    await makePod(namespace, 'fine', podSpec(untilStopped));
    const broken = podSpec();
    const [container] = broken.containers;
    await admin('POST', `/api/v1/namespaces/${namespace}/pods`, {
      body: {
        metadata: { name: 'broken' },
        spec: { ...broken, containers: [{ ...container, image: 'nobody/has:1', env }] },
      },
    });
    await waitUntil(
      'the image is missed',
      async () =>
        (await podOf(namespace, 'broken')).status.containerStatuses.some(
          ({ state }) => state.waiting?.reason === 'ErrImageNeverPull',
        ),
      { timeoutMs: 30_000 },
    );
    const connection = connectCluster({ namespace });
    const { summary, artifacts } = await connection.read(stepOf('k8s.list', { kind: 'pod' }), contextOf());
    expect(summary).toMatchObject({
      ...{ kind: 'pod', namespace, count: 2, truncated: false },
      objects: [
        { name: 'broken', status: 'ErrImageNeverPull', ready: '0/1', containers: ['main'] },
        { name: 'fine', status: 'Running', ready: '1/1', restarts: 0, node: 'n1' },
      ],
    });
    const raw = textOf(artifacts[0]?.content);
    expect(raw).toContain('"name":"PASSWORD","value":"[withheld]"');
    expect(raw).not.toContain('hunter2');
  });

  it('selects by label and by a part of the name, in one namespace or all', async () => {
    const namespace = await makeNamespace();
    await makeDeployment(namespace, 'web', 0);
    await makeDeployment(namespace, 'worker', 0);
    const connection = connectCluster({});
    const names = async (inputs: JsonObject) => {
      const { summary } = await connection.read(stepOf('k8s.list', inputs), contextOf());
      return JsonObject.array()
        .parse(summary['objects'])
        .map(({ name }) => name);
    };
    expect(await names({ kind: 'deployment', namespace })).toEqual(['web', 'worker']);
    expect(await names({ kind: 'deployment', namespace, name: 'ork' })).toEqual(['worker']);
    expect(await names({ kind: 'replicaset', namespace, labels: 'app=web' })).toEqual([expect.stringMatching(/^web-/)]);
    expect(await names({ kind: 'deployment', all_namespaces: true })).toEqual(
      expect.arrayContaining(['web', 'worker']),
    );
    expect(await names({ kind: 'node' })).toEqual(['n1']);
    expect(await names({ kind: 'cronjob', namespace })).toEqual([]);
  });

  it('stays in the namespaces of the target', async () => {
    const namespace = await makeNamespace();
    const connection = connectCluster({ namespace, namespaces: [namespace] });
    const outside = [
      { kind: 'pod', namespace: 'kube-system' },
      { kind: 'pod', all_namespaces: true },
    ];
    for (const inputs of outside) {
      await expect(connection.read(stepOf('k8s.list', inputs), contextOf())).rejects.toMatchObject({
        code: 'E_VALIDATION',
        effect: 'none',
        detail: { field: 'namespace', allowed: [namespace] },
      });
    }
    const { summary } = await connection.read(stepOf('k8s.list', { kind: 'namespace' }), contextOf());
    expect(summary).toMatchObject({ count: 1, objects: [{ name: namespace }] });
  });
});

describe('k8s.describe', () => {
  it('shows state, conditions and events of an object, and its YAML without secrets (DO-6)', async () => {
    const namespace = await makeNamespace();
    await admin('POST', `/api/v1/namespaces/${namespace}/configmaps`, {
      body: { metadata: { name: 'settings' }, data: { token: 'hunter2' } },
    });
    await makePod(namespace, 'once', podSpec('exit 3', { restartPolicy: 'Never' }));
    await waitUntil('it has ended', async () => (await podOf(namespace, 'once')).status.phase === 'Failed', {
      timeoutMs: 30_000,
    });
    const connection = connectCluster({ namespace });
    const describePod = (context: WorkContext) =>
      connection.read(stepOf('k8s.describe', { kind: 'pod', name: 'once' }), context);
    // A cluster tells of events a little later than of what they are about.
    const told = async () =>
      JSON.stringify((await describePod(contextOf())).summary).includes('Started container main');
    await waitUntil('its events are told', told, { timeoutMs: 30_000 });
    const context = contextOf();
    const { summary } = await describePod(context);
    expect(summary).toMatchObject({
      ...{ kind: 'pod', name: 'once', namespace, status: 'Error', truncated: false },
      container_states: [{ name: 'main', state: 'terminated', reason: 'Error', exit_code: 3, restarts: 0 }],
      conditions: expect.arrayContaining([expect.objectContaining({ type: 'Ready', status: 'False' })]),
      events: expect.arrayContaining([expect.stringContaining('Started pod/once: Started container main')]),
    });
    expect(context.text()).toContain('kind: Pod\n');
    const data = contextOf();
    await connection.read(stepOf('k8s.describe', { kind: 'configmap', name: 'settings' }), data);
    expect(data.text()).toContain('token: "[withheld]"');
    expect(data.text()).not.toContain('hunter2');
  });

  it('offers the nearest names', async () => {
    const namespace = await makeNamespace();
    await makeDeployment(namespace, 'web', 0);
    const read = connectCluster({ namespace }).read(
      stepOf('k8s.describe', { kind: 'deployment', name: 'wep' }),
      contextOf(),
    );
    await expect(read).rejects.toMatchObject({
      code: 'E_TARGET_MISSING',
      effect: 'none',
      detail: { name: 'wep', namespace, nearest: ['web'] },
    });
  });
});

describe('k8s.events', () => {
  it('groups events, counts warnings, and gives the lines oldest first (DO-6)', async () => {
    const namespace = await makeNamespace();
    const broken = podSpec();
    const [container] = broken.containers;
    await admin('POST', `/api/v1/namespaces/${namespace}/pods`, {
      body: {
        metadata: { name: 'broken' },
        spec: { ...broken, containers: [{ ...container, image: 'nobody/has:1' }] },
      },
    });
    await makePod(namespace, 'fine', podSpec());
    const connection = connectCluster({ namespace });
    const read = async (inputs: JsonObject) => {
      const context = contextOf();
      const { summary } = await connection.read(stepOf('k8s.events', inputs), context);
      return { summary, lines: context.text().trimEnd().split('\n') };
    };
    await waitUntil(
      'the warning is there',
      async () => (await read({ warnings: true })).lines.some((line) => line.includes(' Failed pod/broken')),
      { timeoutMs: 30_000 },
    );
    const { summary, lines } = await read({});
    const groups = JsonObject.array().parse(summary['groups']);
    expect(groups[0]).toMatchObject({ type: 'Warning' });
    expect(groups).toContainEqual(
      expect.objectContaining({ reason: 'Failed', type: 'Warning', kind: 'Pod', objects: 1 }),
    );
    const times = lines.map((line) => Date.parse(line.split(' ')[0] ?? ''));
    expect(times).toEqual([...times].sort((left, right) => left - right));
    const fine = await read({ kind: 'pod', name: 'fine' });
    expect(fine.lines.length).toBeGreaterThan(1);
    expect(fine.lines.every((line) => line.includes(' pod/fine: '))).toBe(true);
    const after = new Date((times.at(-1) ?? 0) + 3_600_000).toISOString();
    expect((await read({ since: after })).summary).toMatchObject({ events: 0, first_at: null });
  });
});
