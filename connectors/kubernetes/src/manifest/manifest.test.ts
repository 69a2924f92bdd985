import { manifestOf } from '@countersign/connector-kit';
import { ConnectorManifest } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { kubernetesConnector } from '../index.ts';

it('announces a manifest that its schema takes', () => {
  expect(ConnectorManifest.parse(manifestOf(kubernetesConnector)).connector).toBe('k8s');
});

it.each([
  ['nothing', {}],
  ['both', { kubeconfig: 'k', in_cluster: true }],
  ['a context without a kubeconfig', { in_cluster: true, context: 'c' }],
  ['no namespace', { kubeconfig: 'k', namespaces: [] }],
])('refuses settings with %s', (_what, config) => {
  expect(kubernetesConnector.config.safeParse(config).success).toBe(false);
});
