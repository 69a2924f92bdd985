import { readJson } from '@countersign/protocol';
import { busyboxImage } from '@countersign/testing';
import { describe, expect, it } from 'vitest';
import { docker } from '../../connectors/docker/src/live/containers.ts';
import { type Machine, startMachine } from '../../connectors/service/src/live/machine.ts';
import { repositoryRoot } from '../../scripts/repository-root.ts';
import { answersOf, DemoReport, demoScript, endsOf, leftBehind, playDemo, startDemo } from './harness/demo.ts';

const patience = 600_000;

it(
  'DO-20: logs, a confirmed restart, a denied one, a JVM, a service, the evidence of each; what is missing is named',
  async () => {
    const report = await playDemo([]);
    expect(endsOf(report)).toEqual({
      ...{ agent: 'shown', docker: 'shown', cluster: 'missing', jvm: 'shown', service: 'shown', evidence: 'shown' },
    });
    expect(report.steps.map(({ number, passed }) => [number, passed])).toEqual(
      report.steps.map((_step, index) => [index + 1, true]),
    );
    expect(report.parts.find(({ part }) => part === 'cluster')?.next).toContain('KUBECONFIG=');
    const told = answersOf(report, 'docker');
    expect(told).toMatch(/80 lines: .*error.*warn/);
    expect(told).toContain('needs your confirmation');
    expect(told).toContain('E_POLICY_DENIED');
    expect(told).toContain('Containers in prod are replaced by a release, never restarted by hand.');
    expect(answersOf(report, 'jvm')).toMatch(/left-first waits for .* that right-first holds/);
    expect(answersOf(report, 'jvm')).toMatch(/right-first waits for .* that left-first holds/);
    const evidence = answersOf(report, 'evidence');
    expect(evidence.match(/^pass: /gm)).toHaveLength(3);
    expect(evidence).toMatch(/^fail: plan\.md: /m);
    expect(evidence).toContain('operation.denied for operator');
    expect(await leftBehind(report.id)).toEqual([]);
    expect(await docker('images', '--quiet', busyboxImage)).not.toBe('');
  },
  patience,
);

it(
  'DO-20: --keep leaves it running at its address; Ctrl-C ends it and leaves nothing behind',
  async () => {
    const demo = await startDemo(['--json', '--keep']);
    await demo.waitFor(/"url":"http/, patience);
    const { id, url } = DemoReport.parse(readJson(demo.stdout()));
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(await leftBehind(id)).not.toEqual([]);
    expect(await demo.kill('SIGINT')).toEqual({ code: 0, signal: null });
    await expect(fetch(`${url}/readyz`)).rejects.toThrow();
    expect(await leftBehind(id)).toEqual([]);
  },
  patience,
);

it(
  'DO-20: Ctrl-C in the middle leaves nothing behind',
  async () => {
    const demo = await startDemo([]);
    await demo.waitFor(/The agent joins/, patience);
    const [, id = ''] = await demo.waitFor(/countersign-demo-([0-9a-f]{4})-/);
    expect(await leftBehind(id)).not.toEqual([]);
    const at = performance.now();
    expect(await demo.kill('SIGINT')).toEqual({ code: 130, signal: null });
    expect(performance.now() - at).toBeLessThan(60_000);
    expect(await leftBehind(id)).toEqual([]);
  },
  patience,
);

describe.each(['systemd', 'supervisord'] as const)('DO-20: on a machine with %s and nothing else', (kind) => {
  const onMachine = async (machine: Machine) => {
    const said = await machine.attempt(process.execPath, demoScript, '--json');
    return DemoReport.parse(readJson(said));
  };

  it(
    'the service is shown by it, and how to get the rest is said',
    async () => {
      await using machine = await startMachine(kind, ['--volume', `${repositoryRoot}:${repositoryRoot}:ro`]);
      const report = await onMachine(machine);
      expect(endsOf(report), JSON.stringify(report.parts)).toEqual({
        ...{
          agent: 'shown',
          docker: 'missing',
          cluster: 'missing',
          jvm: 'missing',
          service: 'shown',
          evidence: 'shown',
        },
      });
      const missing = report.parts.filter(({ state }) => state === 'missing');
      expect(missing.map(({ next }) => next)).toEqual([
        expect.stringContaining('docker.io'),
        expect.stringContaining('kubernetes-client'),
        expect.stringContaining('openjdk-17-jdk-headless'),
      ]);
      expect(answersOf(report, 'service')).toContain(`${kind}: running`);
      expect(await machine.run('sh', '-c', 'ls /tmp /run/systemd/system 2>/dev/null || true')).not.toMatch(
        /countersign-demo|orders-/,
      );
    },
    patience,
  );
});
