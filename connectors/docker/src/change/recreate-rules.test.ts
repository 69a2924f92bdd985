import type { Precondition } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import type { Container, Limits } from '../answers.ts';
import type { Recreated } from '../kept-state.ts';
import { Facts, type ObservedContainer, type ObservedImage } from '../observed.ts';
import { changeOf } from './changes.ts';
import { judge } from './keep-change.ts';
import { recreateDiff } from './recreate-diff.ts';
import { wantedLimits } from './resources-change.ts';

const limits: Limits = { memory_bytes: 0, memory_swap_bytes: 0, nano_cpus: 0, pids_limit: 0 };
const observed: ObservedContainer = {
  ...{
    exists: true,
    id: 'ab'.repeat(32),
    name: 'web',
    image: 'shop:1',
    image_digest: 'sha256:1',
    restart_policy: 'no',
  },
  ...{ state: 'running', limits, networks: ['shop'] },
};
const image = (reference: string, changes: Partial<ObservedImage>): ObservedImage => ({
  ...{ exists: true, reference, digest: `sha256:${reference}`, command: ['serve'], entrypoint: [], working_dir: '' },
  ...{ user: '', ports: [], volumes: [], stop_signal: '', health_check: false, variables: ['PATH'] },
  ...changes,
});

describe('configuration diff', () => {
  const inputs = { container: 'web', image: 'shop:2', stop_timeout_seconds: 3, healthy_within_seconds: 9 };

  it('shows what the image changes, what stays, and which containers there are then', () => {
    const images = {
      old: image('shop:1', {}),
      new: image('shop:2', { user: 'app', health_check: true, variables: ['LEVEL', 'PATH'] }),
    };
    const { patch } = recreateDiff(0, inputs, observed, images);
    expect(patch).toContain('-image: shop:1\n+image: shop:2\n');
    expect(patch).toContain('-user: root\n+user: app\n');
    expect(patch).toContain('-health check: no\n+health check: yes\n-variables: PATH\n+variables: LEVEL PATH\n');
    expect(patch).toContain(' command: ["serve"]\n');
    expect(patch).toContain('+web.kept-abababababab: abababababab, stopped\n');
  });

  it('of a list shows both ends of the step that follows', () => {
    const preconditions: Precondition[] = [
      { resource: 'containers/web', kind: 'k', fingerprint: `sha256:${'0'.repeat(64)}`, observed },
    ];
    const step = { index: 1, action: 'docker.keep_if_healthy', inputs: { container: 'web' }, idempotencyKey: 'k' };
    const { patch, summary } = changeOf(step.action).diff(step, new Facts(preconditions));
    expect(summary).toBe('kept if healthy within 60 s, else the old container again');
    expect(patch).toContain('+web: abababababab, started; the run fails and says why\n');
  });
});

describe('whether a new container is kept', () => {
  const recreated: Recreated = {
    ...{ name: 'web', new_id: 'n', old_id: 'o', old_image: 'shop:1', new_image: 'shop:2', kept_name: 'web.kept-o' },
    ...{ restart_policy: 'no', problem: null },
  };
  const container = (changes: Partial<Container>): Container => ({
    ...{ id: 'n', name: 'web', imageDigest: '', imageName: '', tty: false, restartPolicy: 'no', restartCount: 0 },
    ...{ state: 'running', pid: 1, exitCode: 0, startedAt: '', finishedAt: '', health: 'none', limits, networks: [] },
    ...{ autoRemove: false, linked: false, managedBy: null, stepMark: null },
    ...changes,
  });

  it.each([
    ['healthy', container({ health: 'healthy' }), 0, null],
    ['still starting', container({ health: 'starting' }), 60_000, undefined],
    ['without check, up for long enough', container({}), 5000, null],
    ['without check, up for a moment', container({}), 4999, undefined],
    ['unhealthy', container({ health: 'unhealthy' }), 0, 'its health check says unhealthy'],
    ['ended', container({ state: 'exited', exitCode: 3 }), 0, 'it is exited with exit code 3'],
    [
      'crashing',
      container({ restartCount: 1, exitCode: 3 }),
      9000,
      'it crashes: its restart policy had to start it again (exit code 3)',
    ],
    ['gone', undefined, 0, 'it is not there any more'],
    ['another one', container({ id: 'x' }), 0, 'it is not there any more'],
  ])('%s', (_what, now, upMs, verdict) => {
    expect(judge(now, recreated, upMs)).toBe(verdict);
  });

  it('never, if it was not started', () => {
    expect(judge(container({ health: 'healthy' }), { ...recreated, problem: 'refused' }, 9000)).toBe('refused');
  });
});

describe('limits', () => {
  const mib = 1024 * 1024;
  it('leave what is not named, and swap as much beyond memory as it was', () => {
    const now = { memory_bytes: 64 * mib, memory_swap_bytes: 96 * mib, nano_cpus: 5e8, pids_limit: 9 };
    expect(wantedLimits(now, { container: 'web', memory_mebibytes: 128 })).toEqual({
      ...now,
      memory_bytes: 128 * mib,
      memory_swap_bytes: 160 * mib,
    });
    expect(wantedLimits(now, { container: 'web', cpus: 1.5, pids_limit: 0 })).toEqual({
      ...now,
      nano_cpus: 1.5e9,
      pids_limit: 0,
    });
  });

  it('where there was none leave swap without one', () => {
    expect(wantedLimits(limits, { container: 'web', memory_mebibytes: 6 })).toMatchObject({
      memory_bytes: 6 * mib,
      memory_swap_bytes: -1,
    });
  });

  it('have a way back only to limits that Docker can set', () => {
    const change = changeOf('docker.set_resources');
    const step = (inputs: object) => ({
      index: 0,
      action: change.action,
      inputs: { container: 'web', ...inputs },
      idempotencyKey: 'k',
    });
    const was = { ...observed, limits: { ...limits, memory_bytes: 64 * mib, nano_cpus: 5e8 } };
    expect(change.inverse(step({ memory_mebibytes: 6, cpus: 2, pids_limit: 5 }), was)).toEqual({
      action: 'docker.set_resources',
      inputs: { container: 'web', memory_mebibytes: 64, cpus: 0.5, pids_limit: 0 },
    });
    expect(change.inverse(step({ cpus: 2 }), observed)).toContain('not take one away');
  });
});
