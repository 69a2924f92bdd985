import { contextOf } from '@countersign/connector-kit/conformance';
import type { JsonObject } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { admin } from './admin.ts';
import { connectCluster, makeNamespace, stepOf } from './cluster.ts';
import { notPassed, runSteps } from './run.ts';

const settings = (data: JsonObject) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data });
const apply = (manifest: unknown, inputs: JsonObject = {}) =>
  stepOf('k8s.apply', { manifest: typeof manifest === 'string' ? manifest : stringify(manifest), ...inputs });
const dataOf = async (namespace: string) =>
  (await admin('GET', `/api/v1/namespaces/${namespace}/configmaps/settings`))['data'];

it('makes what is not there, changes what is, and is taken back to what stood before', async () => {
  const namespace = await makeNamespace();
  const connection = connectCluster({ namespace });
  const made = apply(settings({ mode: 'calm', size: '1' }));
  const planned = await connection.plan([made], contextOf());
  expect(notPassed(planned)).toEqual({});
  expect(planned.preconditions[0]?.observed).toEqual({ exists: false });
  expect(planned.diffs[0]?.patch).toContain('+data:\n+  mode: calm\n+  size: "1"\n');
  expect(planned.rollback).toMatchObject({ possible: false, reason: expect.stringContaining('must be deleted') });
  await runSteps(connection, [made]);
  expect(await dataOf(namespace)).toEqual({ mode: 'calm', size: '1' });
  const changed = apply(settings({ mode: 'loud', color: 'red' }));
  const second = await connection.plan([changed], contextOf());
  expect(second.diffs[0]?.patch).toContain('-  mode: calm\n-  size: "1"\n+  color: red\n+  mode: loud\n');
  await runSteps(connection, [changed]);
  expect(await dataOf(namespace)).toEqual({ mode: 'loud', color: 'red' });
  const { rollback } = second;
  if (!rollback.possible) throw new Error(rollback.reason);
  const [inverse] = rollback.steps;
  await runSteps(connection, [stepOf('k8s.apply', inverse?.inputs ?? {})]);
  expect(await dataOf(namespace)).toEqual({ mode: 'calm', size: '1' });
});

it('shows fields that others own, takes them over by force alone, and says whose they were', async () => {
  const namespace = await makeNamespace();
  await admin('POST', `/api/v1/namespaces/${namespace}/configmaps?fieldManager=gardener`, {
    body: { metadata: { name: 'settings' }, data: { mode: 'calm' } },
  });
  const connection = connectCluster({ namespace });
  const manifest = settings({ mode: 'loud' });
  const refused = await connection.plan([apply(manifest)], contextOf());
  expect(notPassed(refused)).toEqual({
    field_conflict: expect.stringMatching(/^fail: \.data\.mode: conflict with "gardener".*`force` would take it over$/),
  });
  expect(refused.diffs).toEqual([]);
  const forced = apply(manifest, { force: true });
  const planned = await connection.plan([forced], contextOf());
  expect(notPassed(planned)).toEqual({
    field_conflict: expect.stringMatching(/^warn: \.data\.mode: .*"gardener".*taken over$/),
  });
  expect(planned.diffs[0]?.patch).toContain('-  mode: calm\n+  mode: loud\n');
  await runSteps(connection, [forced]);
  expect(await dataOf(namespace)).toEqual({ mode: 'loud' });
});

it('has the same plan twice though the cluster makes an address up each time', async () => {
  const namespace = await makeNamespace();
  const connection = connectCluster({ namespace });
  const step = apply({
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' } },
    spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80, protocol: 'TCP' }] },
  });
  const one = await connection.plan([step], contextOf());
  const other = await connection.plan([step], contextOf());
  expect(one.diffs).toEqual(other.diffs);
  expect(one.diffs[0]?.patch).toContain('+  type: NodePort\n');
  expect(one.diffs[0]?.patch).not.toContain('clusterIP:');
  expect(one.diffs[0]?.patch).not.toContain('nodePort:');
  await runSteps(connection, [step]);
  const changed = await connection.plan([step], contextOf());
  expect(changed.diffs[0]?.patch).not.toContain('\n+ ');
});

it('does not write over what somebody made in between', async () => {
  const namespace = await makeNamespace();
  const connection = connectCluster({ namespace });
  const step = apply(settings({ mode: 'loud' }));
  const { guard } = await connection.observe([step], contextOf());
  const before = await connection.before(step, guard, contextOf());
  await admin('POST', `/api/v1/namespaces/${namespace}/configmaps`, {
    body: { metadata: { name: 'settings' }, data: { mode: 'calm' } },
  });
  await expect(connection.apply(step, before, guard, contextOf())).rejects.toMatchObject({
    code: 'E_PLAN_STALE',
    effect: 'none',
  });
  expect(await dataOf(namespace)).toEqual({ mode: 'calm' });
});

it('finds an intent again after it was applied, and one that never was', async () => {
  const namespace = await makeNamespace();
  const connection = connectCluster({ namespace });
  const later = connectCluster({ namespace }, 60_000);
  const step = apply(settings({ mode: 'loud' }));
  const { guard } = await connection.observe([step], contextOf());
  const before = await connection.before(step, guard, contextOf());
  const intent = { before, guard, recordedAt: Date.now() };
  expect((await connection.reconcile(step, intent, contextOf())).answer).toBe('indeterminate');
  expect((await later.reconcile(step, intent, contextOf())).answer).toBe('not_applied');
  await connection.apply(step, before, guard, contextOf());
  expect((await connection.reconcile(step, intent, contextOf())).answer).toBe('applied');
});

it.each([
  [
    'a list item without its key',
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' }, spec: { ports: [{ port: 80 }] } },
    'dry_run',
    'protocol',
  ],
  ['several objects', 'kind: A\n---\nkind: B\n', 'manifest', 'propose one step for each'],
  ['no YAML', 'kind: [', 'manifest', 'the manifest is no YAML'],
  ['no object', '- a\n', 'manifest', 'the manifest is not one object'],
  ['no name', { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} }, 'manifest', 'metadata.name'],
  [
    'a name that is a path',
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '../pods' } },
    'manifest',
    'metadata.name',
  ],
  [
    'a kind that gives rights',
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: 'a' } },
    'kind',
    'apply_kinds',
  ],
  ['a secret', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } }, 'kind', 'apply_kinds'],
  [
    'an unknown version',
    { apiVersion: 'apps/v9', kind: 'Deployment', metadata: { name: 'a' } },
    'kind',
    'knows no Deployment of apps/v9',
  ],
  [
    'an invalid field',
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' }, spec: { ports: [{ port: 0, protocol: 'TCP' }] } },
    'dry_run',
    'spec.ports[0].port',
  ],
  [
    'another namespace',
    { ...settings({}), metadata: { name: 'settings', namespace: 'default' } },
    'exists',
    "none of this target's",
  ],
])('a manifest with %s is a check that says so', async (_what, manifest, check, message) => {
  const namespace = await makeNamespace();
  const planned = await connectCluster({ namespace, namespaces: [namespace] }).plan([apply(manifest)], contextOf());
  expect(notPassed(planned)[check]).toMatch(/^fail: /);
  expect(notPassed(planned)[check]).toContain(message);
  expect(planned.diffs).toEqual([]);
});
