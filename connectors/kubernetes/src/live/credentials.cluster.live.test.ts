import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type DetailedPeerCertificate } from 'node:tls';
import { contextOf } from '@countersign/connector-kit/conformance';
import { JsonObject } from '@countersign/protocol';
import { tempFolder } from '@countersign/testing';
import { expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { admin, adminAccess, call } from './admin.ts';
import { connectCluster, createNamespace, kubeconfigFor, makeNamespace, removeNamespace, stepOf } from './cluster.ts';

/** The certificate of the authority that signed the API server's, as PEM. */
async function authority(): Promise<string> {
  const { hostname, port } = new URL(adminAccess().server);
  const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
  const { promise, resolve, reject } = Promise.withResolvers<DetailedPeerCertificate>();
  socket.once('error', reject).once('secureConnect', () => resolve(socket.getPeerCertificate(true)));
  const { raw } = (await promise).issuerCertificate;
  socket.destroy();
  return `-----BEGIN CERTIFICATE-----\n${raw.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}

function kubeconfig(cluster: JsonObject, user: JsonObject, contexts = ['c']): string {
  const file = join(tempFolder(), 'kubeconfig');
  const content = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': contexts[0] },
    clusters: [{ name: 'c', cluster: { server: adminAccess().server, ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: contexts.map((name) => ({ name, context: { cluster: 'c', user: 'u' } })),
  };
  writeFileSync(file, stringify(content));
  return file;
}

const list = stepOf('k8s.list', { kind: 'namespace' });

it('trusts the authority of the kubeconfig and no other, and tells a certificate that it does not know', async () => {
  const trusted = { 'certificate-authority-data': Buffer.from(await authority()).toString('base64') };
  const { token } = adminAccess();
  const { status, message } = await connectCluster({ kubeconfig: kubeconfig(trusted, { token }) }).readiness(
    AbortSignal.timeout(10_000),
  );
  expect([status, message]).toEqual([
    'ready',
    expect.stringMatching(/^Kubernetes v1\.\d+\.\d+.*, answered in \d+ ms$/),
  ]);
  const stranger = connectCluster({ kubeconfig: kubeconfig({}, { token }) });
  await expect(stranger.read(list, contextOf())).rejects.toMatchObject({
    code: 'E_TARGET_UNREACHABLE',
    effect: 'none',
    message: expect.stringContaining('certificate'),
  });
  expect((await stranger.readiness(AbortSignal.timeout(10_000))).status).toBe('unavailable');
});

it('takes the token that an exec plugin prints, and says what a plugin that fails said, without its secrets', async () => {
  const plugin = (script: string) => {
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1beta1',
      command: process.execPath,
      args: ['-e', script],
    };
    return connectCluster({ kubeconfig: kubeconfig({ 'insecure-skip-tls-verify': true }, { exec }) });
  };
  const credential = { kind: 'ExecCredential', status: { token: adminAccess().token } };
  const fine = plugin(`console.log(${JSON.stringify(JSON.stringify(credential))})`);
  expect((await fine.read(list, contextOf())).summary['count']).toBeGreaterThan(0);
  const failing = plugin(`console.error('log in first; TOKEN=hunter2'); process.exit(1)`);
  await expect(failing.read(list, contextOf())).rejects.toMatchObject({
    code: 'E_TARGET_UNREACHABLE',
    effect: 'none',
    message: expect.stringMatching(/by its exec plugin: log in first; TOKEN=\*\*\*$/),
  });
});

it('names the next step where a kubeconfig cannot be used', async () => {
  const refused = async (config: JsonObject) => {
    const error: unknown = await connectCluster(config)
      .read(list, contextOf())
      .catch((cause: unknown) => cause);
    return error;
  };
  expect(await refused({ kubeconfig: '/nowhere/kubeconfig' })).toMatchObject({
    code: 'E_TARGET_UNREACHABLE',
    message: expect.stringContaining('/nowhere/kubeconfig cannot be read'),
  });
  const file = kubeconfig({ 'insecure-skip-tls-verify': true }, { token: 'wrong' }, ['staging', 'prod']);
  expect(await refused({ kubeconfig: file, context: 'stagin' })).toMatchObject({
    detail: { next: expect.stringContaining('staging') },
  });
  expect(await refused({ kubeconfig: file })).toMatchObject({
    code: 'E_TARGET_REFUSED',
    effect: 'none',
    message: 'the cluster does not accept the credentials',
  });
});

it('reads a kubeconfig anew once its credentials are refused', async () => {
  const file = kubeconfig({ 'insecure-skip-tls-verify': true }, { token: 'expired' });
  const connection = connectCluster({ kubeconfig: file });
  await expect(connection.read(list, contextOf())).rejects.toMatchObject({ code: 'E_TARGET_REFUSED' });
  const { server, token } = adminAccess();
  writeFileSync(
    file,
    stringify({
      ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'c' },
      clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'u', user: { token } }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    }),
  );
  expect((await connection.read(list, contextOf())).summary['count']).toBeGreaterThan(0);
});

it('uses the account of its own pod, with exactly the rights that it has', async () => {
  const namespace = await makeNamespace();
  await admin('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, { body: { metadata: { name: 'worker' } } });
  const role = { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }], metadata: { name: 'reader' } };
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  await admin('POST', `${rbac}/roles`, { body: role });
  await admin('POST', `${rbac}/rolebindings`, {
    body: {
      metadata: { name: 'reader' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
      subjects: [{ kind: 'ServiceAccount', name: 'worker', namespace }],
    },
  });
  const asked = await admin('POST', `/api/v1/namespaces/${namespace}/serviceaccounts/worker/token`, {
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 600 } },
  });
  const folder = '/var/run/secrets/kubernetes.io/serviceaccount';
  expect(existsSync(folder), 'this machine is no pod').toBe(false);
  mkdirSync(folder, { recursive: true });
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'token'), String(JsonObject.parse(asked['status'])['token']));
  writeFileSync(join(folder, 'ca.crt'), await authority());
  writeFileSync(join(folder, 'namespace'), namespace);
  const { hostname, port } = new URL(adminAccess().server);
  process.env['KUBERNETES_SERVICE_HOST'] = hostname;
  process.env['KUBERNETES_SERVICE_PORT'] = port;
  onTestFinished(() => {
    delete process.env['KUBERNETES_SERVICE_HOST'];
    delete process.env['KUBERNETES_SERVICE_PORT'];
  });
  const connection = connectCluster({ in_cluster: true });
  const { summary } = await connection.read(stepOf('k8s.list', { kind: 'pod' }), contextOf());
  expect(summary).toMatchObject({ namespace, count: 0 });
  await expect(connection.read(stepOf('k8s.list', { kind: 'configmap' }), contextOf())).rejects.toMatchObject({
    code: 'E_TARGET_REFUSED',
    detail: { http_status: 403, server_message: expect.stringContaining('cannot list resource "configmaps"') },
  });
});

it('says what an account may not do, and what the cluster said', async () => {
  const namespace = await createNamespace();
  onTestFinished(() => removeNamespace(namespace));
  const connection = connectCluster({ namespace, kubeconfig: kubeconfigFor('viewer') });
  for (const [action, inputs, what] of [
    ['k8s.list', { kind: 'deployment' }, `list deployments in ${namespace}`],
    ['k8s.pod_logs', { pod: 'web' }, `get pod web in ${namespace}`],
    ['k8s.events', {}, `list events in ${namespace}`],
    ['k8s.describe', { kind: 'node', name: 'n1' }, 'get node n1'],
  ] as const) {
    await expect(connection.read(stepOf(action, inputs), contextOf()), action).rejects.toMatchObject({
      code: 'E_TARGET_REFUSED',
      effect: 'none',
      message: `the account of the target may not ${what}`,
      detail: { http_status: 403, server_message: expect.stringContaining('User "viewer" cannot') },
    });
  }
  expect((await call('GET', `/api/v1/namespaces/${namespace}/pods`, { as: 'viewer' })).status).toBe(403);
});
