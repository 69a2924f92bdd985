import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contextOf } from '@countersign/connector-kit/conformance';
import { tempFolder } from '@countersign/testing';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { adminAccess } from './admin.ts';
import { connectCluster, stepOf } from './cluster.ts';

/** A kubeconfig as `gcloud container clusters get-credentials` writes it, for the tests' own cluster, and the plugin that it names. */
function likeGke(): { kubeconfig: string; asked: string } {
  const folder = tempFolder();
  const [plugin, asked] = [join(folder, 'gke-gcloud-auth-plugin'), join(folder, 'asked')];
  const { server, token } = adminAccess();
  const status = { token, expirationTimestamp: new Date(Date.now() + 3_600_000).toISOString() };
  const credential = { kind: 'ExecCredential', apiVersion: 'client.authentication.k8s.io/v1beta1', spec: {}, status };
  writeFileSync(plugin, `#!/bin/sh\necho asked >> ${asked}\ncat <<'END'\n${JSON.stringify(credential)}\nEND\n`);
  chmodSync(plugin, 0o755);
  const name = 'gke_shop-1_europe-west1_shop';
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1beta1',
    command: plugin,
    installHint: 'Install gke-gcloud-auth-plugin for use with kubectl',
    provideClusterInfo: true,
  };
  const content = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': name, preferences: {} },
    clusters: [{ name, cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name, user: { exec } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  };
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, stringify(content));
  return { kubeconfig, asked };
}

async function looksAt(kubeconfig: string): Promise<void> {
  const connection = connectCluster({ kubeconfig });
  const { status, message } = await connection.readiness(AbortSignal.timeout(30_000));
  expect([status, message]).toEqual(['ready', expect.stringMatching(/^Kubernetes v1\.\d+/)]);
  const namespaces = await connection.read(stepOf('k8s.list', { kind: 'namespace' }), contextOf());
  expect(namespaces.summary['count']).toBeGreaterThan(0);
  const pods = await connection.read(stepOf('k8s.list', { kind: 'pod', namespace: 'kube-system' }), contextOf());
  expect(pods.summary).toHaveProperty('count');
}

it('a kubeconfig as GKE gives it works by its exec plugin (DO-21)', async () => {
  const { kubeconfig, asked } = likeGke();
  expect(existsSync(asked)).toBe(false);
  await looksAt(kubeconfig);
  expect(existsSync(asked)).toBe(true);
});

/** A real one, where somebody names it; `npm run test:live` says when it did not run. */
const real = process.env['GKE_KUBECONFIG'];
if (real !== undefined) {
  it('the cluster of GKE_KUBECONFIG answers by its own exec plugin (DO-21)', () => looksAt(real));
}
