import { change, contextOf } from '@countersign/connector-kit/conformance';
import { makeTempFolder } from '@countersign/testing';
import { describe, expect, it } from 'vitest';
import { connectDocker, restartOf } from './connection.ts';
import { docker, runContainer, untilStopped } from './containers.ts';

describe('reconcile', () => {
  it('tells had from not had, waits while the restart may be under way, and leaves the rest open', async () => {
    await using container = await runContainer(untilStopped);
    const step = restartOf(container.name);
    const context = contextOf();
    const connection = connectDocker();
    const { guard } = await connection.observe([step], context);
    const before = await connection.before(step, guard, context);
    const intent = { before, guard, recordedAt: Date.now() };
    const answerAfter = async (offsetMs: number) =>
      (await connectDocker(undefined, offsetMs).reconcile(step, intent, context)).answer;
    expect(await answerAfter(0)).toBe('indeterminate');
    expect(await answerAfter(60_000)).toBe('not_applied');
    await connection.apply(step, before, guard, context);
    expect(await answerAfter(0)).toBe('applied');
    await docker('rm', '-f', container.name);
    expect(await answerAfter(60_000)).toBe('indeterminate');
  });

  it('does not take a start by the restart policy for ours', async () => {
    await using container = await runContainer(untilStopped, ['--restart', 'always']);
    const step = restartOf(container.name);
    const context = contextOf();
    const connection = connectDocker();
    const { guard } = await connection.observe([step], context);
    const before = await connection.before(step, guard, context);
    await docker('exec', container.name, 'kill', '-TERM', '1');
    await expect.poll(() => container.starts(), { timeout: 10_000 }).toBe(2);
    const intent = { before, guard, recordedAt: Date.now() };
    const { answer } = await connectDocker(undefined, 60_000).reconcile(step, intent, context);
    expect(answer).toBe('indeterminate');
  });

  it('takes a restart for ours that set the count of the restart policy back', async () => {
    await using container = await runContainer(untilStopped, ['--restart', 'always']);
    await docker('exec', container.name, 'kill', '-TERM', '1');
    await expect.poll(() => container.starts(), { timeout: 10_000 }).toBe(2);
    const step = restartOf(container.name);
    const connection = connectDocker();
    const { before, guard } = await change(connection, step);
    expect(before).toMatchObject({ restart_count: 1 });
    const { answer, after } = await connection.reconcile(step, { before, guard, recordedAt: 0 }, contextOf());
    expect({ answer, after }).toMatchObject({ answer: 'applied', after: { restart_count: 0 } });
  });
});

describe('a restart whose end is not seen', () => {
  it('goes on at the daemon when it is cancelled: open at first, then found applied, once', async () => {
    await using container = await runContainer('trap "" TERM; while :; do sleep 0.05; done');
    const step = restartOf(container.name);
    const connection = connectDocker();
    const { guard } = await connection.observe([step], contextOf());
    const before = await connection.before(step, guard, contextOf());
    const intent = { before, guard, recordedAt: Date.now() };
    const applying = connection.apply(step, before, guard, contextOf({ signal: AbortSignal.timeout(400) }));
    await expect(applying).rejects.toMatchObject({ code: 'E_TIMEOUT', effect: 'maybe' });
    const answer = async () => (await connection.reconcile(step, intent, contextOf())).answer;
    expect(await answer()).toBe('indeterminate');
    await expect.poll(answer, { timeout: 20_000 }).toBe('applied');
    expect(await container.starts()).toBe(2);
  });

  it('is open when the container was stopped and cannot be started', async () => {
    using folder = makeTempFolder();
    const mount = `type=bind,source=${folder.path},target=/mounted`;
    await using container = await runContainer(untilStopped, ['--mount', mount]);
    folder.remove();
    const step = restartOf(container.name);
    const connection = connectDocker();
    const { guard } = await connection.observe([step], contextOf());
    const before = await connection.before(step, guard, contextOf());
    await expect(connection.apply(step, before, guard, contextOf())).rejects.toMatchObject({
      code: 'E_TARGET_REFUSED',
      effect: 'maybe',
      detail: { http_status: expect.any(Number), daemon_message: expect.stringContaining('no such file') },
    });
    const intent = { before, guard, recordedAt: Date.now() };
    const later = connectDocker(undefined, 60_000);
    expect(await later.reconcile(step, intent, contextOf())).toMatchObject({
      answer: 'indeterminate',
      after: { state: 'exited' },
    });
  });
});
