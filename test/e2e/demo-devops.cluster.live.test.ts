import { busyboxImage, testKubeconfig } from '@countersign/testing';
import { expect, it } from 'vitest';
import { call } from '../../connectors/kubernetes/src/live/admin.ts';
import { answersOf, endsOf, playDemo } from './harness/demo.ts';

it("DO-20: on a cluster of one's own a deployment is scaled from 1 to 3, followed, read, and proven", async () => {
  const report = await playDemo(['--pod-image', busyboxImage], { KUBECONFIG: testKubeconfig() });
  expect(endsOf(report)).toEqual({
    ...{ agent: 'shown', docker: 'shown', cluster: 'shown', jvm: 'shown', service: 'shown', evidence: 'shown' },
  });
  const told = answersOf(report, 'cluster');
  expect(told).toContain('3 of 3 pods updated, 3 available');
  expect(told).toMatch(/80 lines: .*info/);
  expect(answersOf(report, 'evidence').match(/^pass: /gm)).toHaveLength(4);
  const namespace = /countersign-demo-[0-9a-f]+/.exec(told)?.[0] ?? '';
  const { status, json } = await call('GET', `/api/v1/namespaces/${namespace}`);
  expect(status === 404 || JSON.stringify(json).includes('"Terminating"')).toBe(true);
}, 600_000);
