import type { ParsedStep } from '@countersign/connector-kit';
import { contextOf } from '@countersign/connector-kit/conformance';
import { JsonObject } from '@countersign/protocol';
import { beforeAll, describe, expect, it } from 'vitest';
import { connectDocker, stepOf } from './connection.ts';
import { docker, runContainer, untilStopped } from './containers.ts';
import { makeImages, nextImage, sickImage } from './stand.ts';

beforeAll(makeImages);

const times = { stop_timeout_seconds: 2, healthy_within_seconds: 20 };

function stepsOf(container: string, image: string): ParsedStep[] {
  return [
    stepOf('docker.recreate_with_image', { container, image, ...times }),
    stepOf('docker.keep_if_healthy', { container, ...times }, 1),
  ];
}

/** Runs both steps as the runner does; answers what the second one's verification said. */
async function run(container: string, image: string) {
  const connection = connectDocker();
  const context = contextOf();
  const [recreate, keep] = stepsOf(container, image);
  if (recreate === undefined || keep === undefined) throw new Error('two steps are run');
  const { guard } = await connection.observe([recreate, keep], context);
  const before = await connection.before(recreate, guard, context);
  const applied = await connection.apply(recreate, before, guard, context);
  await connection.verify(recreate, before, applied, context);
  const keptBefore = await connection.before(keep, applied.guard, context);
  const kept = await connection.apply(keep, keptBefore, applied.guard, context);
  return { applied, kept, verify: () => connection.verify(keep, keptBefore, kept, context) };
}

async function inspect(name: string, format: string): Promise<string> {
  return await docker('inspect', '--format', format, name);
}

async function cleared(container: string): Promise<void> {
  const names = (await docker('ps', '-a', '--format', '{{.Names}}')).split('\n');
  for (const name of names.filter((each) => each === container || each.startsWith(`${container}.`))) {
    await docker('rm', '-f', name);
  }
}

describe('a healthy image', () => {
  it('serves with the settings, networks and volumes of the container, and keeps the old one aside', async () => {
    await docker('network', 'create', 'countersign-net').catch(() => undefined);
    const own = [
      '-e',
      'OWN=value',
      '-l',
      'team=shop',
      '-v',
      '/data',
      '--network',
      'countersign-net',
      '--network-alias',
      'shop',
    ];
    const limits = ['--memory', '64m', '--restart', 'unless-stopped'];
    await using container = await runContainer(`echo kept > /data/file; ${untilStopped}`, [...own, ...limits]);
    try {
      const { verify } = await run(container.name, nextImage);
      expect(await verify()).toMatchObject({ serving: 'new', problem: null });
      expect(await inspect(container.name, '{{.Config.Image}} {{.State.Status}}')).toBe(`${nextImage} running`);
      expect(await inspect(container.name, '{{.HostConfig.Memory}} {{.HostConfig.RestartPolicy.Name}}')).toBe(
        '67108864 unless-stopped',
      );
      expect(await inspect(container.name, '{{index .Config.Labels "team"}} {{.Config.WorkingDir}}')).toBe('shop /tmp');
      expect(await docker('exec', container.name, 'sh', '-c', 'cat /data/file; echo $OWN $FLAVOUR')).toBe(
        'kept\nvalue next',
      );
      expect(
        await inspect(container.name, '{{json (index .NetworkSettings.Networks "countersign-net").Aliases}}'),
      ).toContain('shop');
      const old = `${container.name}.kept-${container.id.slice(0, 12)}`;
      expect(await inspect(old, '{{.State.Status}} {{.HostConfig.RestartPolicy.Name}}')).toBe('exited no');
    } finally {
      await cleared(container.name);
      await docker('network', 'rm', 'countersign-net').catch(() => undefined);
    }
  });
});

describe('an unhealthy image', () => {
  it('ends with the old container serving again, by the step that the plan showed', async () => {
    await using container = await runContainer(untilStopped, ['--restart', 'always']);
    try {
      const { diffs, checks, rollback } = await connectDocker().plan(stepsOf(container.name, sickImage), contextOf());
      expect(checks.filter(({ status }) => status === 'fail')).toEqual([]);
      expect(diffs[1]?.patch).toContain(`+${container.name}: ${container.id.slice(0, 12)}, started`);
      expect(rollback).toMatchObject({ possible: true, steps: [{ action: 'docker.restore_container', undoes: 0 }] });
      const { verify } = await run(container.name, sickImage);
      await expect(verify()).rejects.toMatchObject({
        code: 'E_VERIFY',
        message: expect.stringContaining('the old container serves again'),
        detail: { problem: 'its health check says unhealthy', serving: 'old', last_log_lines: ['started'] },
      });
      expect(await inspect(container.name, '{{.Id}} {{.State.Status}} {{.HostConfig.RestartPolicy.Name}}')).toBe(
        `${container.id} running always`,
      );
      const failed = (await docker('ps', '-a', '--format', '{{.Names}} {{.State}}'))
        .split('\n')
        .filter((line) => line.startsWith(`${container.name}.failed-`));
      expect(failed).toEqual([expect.stringMatching(/\.failed-[0-9a-f]{12} exited$/)]);
    } finally {
      await cleared(container.name);
    }
  });

  it('that cannot be started at all is put back too', async () => {
    await docker('rm', '-f', 'countersign-image').catch(() => undefined);
    await docker('create', '--name', 'countersign-image', 'countersign/busybox:1', 'true');
    await docker('commit', '-c', 'ENTRYPOINT ["/no-such-program"]', 'countersign-image', 'countersign/broken:1');
    await docker('rm', 'countersign-image');
    await using container = await runContainer(untilStopped);
    try {
      const { applied, verify } = await run(container.name, 'countersign/broken:1');
      expect(JsonObject.parse(applied.after)['problem']).toContain('refused to start');
      await expect(verify()).rejects.toMatchObject({ code: 'E_VERIFY', detail: { serving: 'old' } });
      expect(await inspect(container.name, '{{.Id}} {{.State.Status}}')).toBe(`${container.id} running`);
    } finally {
      await cleared(container.name);
    }
  });
});

describe('a recreation that was broken off', () => {
  it('between stop and start is found applied with its problem, and the step that follows puts the old one back', async () => {
    await using container = await runContainer(untilStopped);
    try {
      const context = contextOf();
      const [recreate, keep] = stepsOf(container.name, nextImage);
      if (recreate === undefined || keep === undefined) throw new Error('two steps are run');
      const connection = connectDocker();
      const { guard } = await connection.observe([recreate, keep], context);
      const before = await connection.before(recreate, guard, context);
      const { guard: done } = await connection.apply(recreate, before, guard, context);
      // As a worker leaves it that dies when the old one is stopped and renamed, and the new one was not started.
      await docker('stop', '-t', '1', container.name);
      await docker('rename', container.name, `${container.name}.new-x`);
      expect(done).not.toBeNull();
      const later = connectDocker(undefined, 120_000);
      const found = await later.reconcile(recreate, { before, guard, recordedAt: Date.now() }, context);
      expect(found).toMatchObject({ answer: 'applied', after: { problem: expect.any(String) } });
      const keptBefore = await later.before(keep, found.guard, context);
      const kept = await later.apply(keep, keptBefore, found.guard, context);
      expect(kept.after).toMatchObject({ serving: 'old' });
      expect(await inspect(container.name, '{{.Id}} {{.State.Status}}')).toBe(`${container.id} running`);
    } finally {
      await cleared(container.name);
    }
  });
});

it('plans what is not there as failing checks: a container, an image with its nearest names, a step on its own', async () => {
  await using container = await runContainer(untilStopped);
  const connection = connectDocker();
  const failing = async (steps: ParsedStep[]) =>
    (await connection.plan(steps, contextOf())).checks
      .filter(({ status }) => status === 'fail')
      .map(({ message }) => message);
  expect(await failing(stepsOf(container.name, 'countersign/nxt:1'))).toEqual([
    expect.stringContaining('the daemon has no image countersign/nxt:1: pull it first; nearest: countersign/next:1'),
  ]);
  expect(await failing(stepsOf(`${container.name}x`, nextImage))).toEqual([
    `no container ${container.name}x; nearest: ${container.name}`,
    `no container ${container.name}x; nearest: ${container.name}`,
  ]);
  const [, keep] = stepsOf(container.name, nextImage);
  expect(await failing(keep === undefined ? [] : [{ ...keep, index: 0 }])).toEqual([
    `no earlier step recreates ${container.name}: this step comes with docker.recreate_with_image`,
  ]);
  await using brief = await runContainer(untilStopped, ['--rm']);
  expect(await failing(stepsOf(brief.name, nextImage))).toEqual([expect.stringContaining('--rm')]);
});
