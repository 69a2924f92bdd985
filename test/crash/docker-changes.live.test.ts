import { setTimeout as sleep } from 'node:timers/promises';
import type { StepInput } from '@countersign/protocol';
import { beforeAll, describe, expect, it } from 'vitest';
import { docker, type LiveContainer, runContainer, untilStopped } from '../../connectors/docker/src/live/containers.ts';
import { eventsOf, makeImages, nextImage, sickImage } from '../../connectors/docker/src/live/stand.ts';
import { closed, killedAt, propose, withServer } from './docker-product.ts';

beforeAll(makeImages);

interface Case {
  readonly what: string;
  /** The daemon's own word for the effect. */
  readonly event: string;
  readonly stopped?: boolean;
  readonly step: (container: LiveContainer) => StepInput;
  readonly steps: number;
}

const stop = { stop_timeout_seconds: 1 };
const cases: readonly Case[] = [
  {
    what: 'stop',
    event: 'stop',
    step: ({ name }) => ({ action: 'docker.stop_container', inputs: { container: name, ...stop } }),
    steps: 1,
  },
  {
    what: 'start',
    event: 'start',
    stopped: true,
    step: ({ name }) => ({ action: 'docker.start_container', inputs: { container: name } }),
    steps: 1,
  },
  {
    what: 'limits',
    event: 'update',
    step: ({ name }) => ({ action: 'docker.set_resources', inputs: { container: name, pids_limit: 50 } }),
    steps: 1,
  },
  {
    what: 'recreation',
    event: 'create',
    step: ({ name }) => ({
      action: 'docker.recreate_with_image',
      inputs: { container: name, image: nextImage, ...stop, healthy_within_seconds: 20 },
    }),
    steps: 2,
  },
];

async function removed(container: LiveContainer): Promise<void> {
  const names = (await docker('ps', '-a', '--format', '{{.Names}}')).split('\n');
  const left = names.filter((name) => name.startsWith(`${container.name}.`) || name === container.name);
  if (left.length > 0) await docker('rm', '-f', ...left);
}

async function had(container: LiveContainer, event: string, since: number): Promise<number> {
  return (await eventsOf([container.name], since)).filter(({ Action }) => Action === event).length;
}

// Each has a server and a container of its own, and waits most of the time.
describe.concurrent.each(cases)(
  'a worker killed around its $what',
  { timeout: 300_000 },
  ({ event, step, stopped, steps }) => {
    it('after the effect: it is reconciled from the daemon, and had once (DO-9, promise 2)', async () => {
      await using container = await runContainer(untilStopped);
      if (stopped) await docker('stop', '-t', '1', container.name);
      const since = Date.now();
      try {
        const { view, audit } = await killedAt('worker:after-effect', step(container));
        expect(view.run?.state).toBe('succeeded');
        expect(view.run?.steps.map(({ state }) => state)).toEqual(Array.from({ length: steps }, () => 'verified'));
        expect(audit.filter((name) => name === 'step.intent')).toHaveLength(steps);
        expect(await had(container, event, since)).toBe(1);
      } finally {
        await removed(container);
      }
    });

    it('before the effect: it is not had, and the run says so once nothing is in doubt (DO-9, promise 2)', async () => {
      await using container = await runContainer(untilStopped);
      if (stopped) await docker('stop', '-t', '1', container.name);
      const since = Date.now();
      try {
        const { view } = await killedAt('worker:before-effect', step(container));
        // As long as the daemon may still be at it nobody knows; after that the run has failed, and is not begun again.
        expect(view.run?.state).toBe('failed');
        await sleep(1500);
        expect(await had(container, event, since)).toBe(0);
      } finally {
        await removed(container);
      }
    });
  },
);

it('an unhealthy image: the run fails, and the old container serves by the step that the plan showed (DO-9)', async () => {
  await using container = await runContainer(untilStopped);
  try {
    await withServer(true, async ({ people: { requester } }) => {
      const inputs = { container: container.name, image: sickImage, ...stop, healthy_within_seconds: 20 };
      const opId = await propose(requester, { action: 'docker.recreate_with_image', inputs });
      const view = await closed(requester, opId);
      expect(view.steps.map(({ action }) => action)).toEqual(['docker.recreate_with_image', 'docker.keep_if_healthy']);
      expect(view.diffs[1]?.patch).toContain(`+${container.name}: ${container.id.slice(0, 12)}, started`);
      expect(view.run).toMatchObject({ state: 'failed', steps: [{ state: 'verified' }, { state: 'failed' }] });
      expect(view.run?.failure?.message).toContain('the old container serves again');
    });
    expect(await docker('inspect', '--format', '{{.Id}} {{.State.Status}}', container.name)).toBe(
      `${container.id} running`,
    );
  } finally {
    await removed(container);
  }
});
