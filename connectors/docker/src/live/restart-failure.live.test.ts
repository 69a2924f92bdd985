import { change, contextOf } from '@countersign/connector-kit/conformance';
import { describe, expect, it } from 'vitest';
import { connectDocker, restartOf, stepOf } from './connection.ts';
import { runContainer, untilStopped } from './containers.ts';

describe('a container that does not stay up', () => {
  const firstTimeOnly = (then: string) => `if [ -e /once ]; then ${then}; fi; touch /once; ${untilStopped}`;

  it('fails with the exit code and the last log lines', async () => {
    await using container = await runContainer(firstTimeOnly('echo "FATAL no database" >&2; exit 3'));
    const { verify } = await change(connectDocker(), restartOf(container.name));
    await expect(verify()).rejects.toMatchObject({
      code: 'E_VERIFY',
      detail: { state: 'exited', exit_code: 3, last_log_lines: expect.arrayContaining(['FATAL no database']) },
    });
  });

  it('fails although its restart policy starts it again and again', async () => {
    const script = firstTimeOnly('sleep 0.2; echo crashing; exit 4');
    await using container = await runContainer(script, ['--restart', 'always']);
    const { verify } = await change(connectDocker(), restartOf(container.name));
    await expect(verify()).rejects.toMatchObject({
      code: 'E_VERIFY',
      message: expect.stringMatching(/crashes|does not run/),
      detail: { last_log_lines: expect.arrayContaining(['crashing']) },
    });
  });

  it('does not say what stands in its environment', async () => {
    await using container = await runContainer(firstTimeOnly('exit 3'), ['-e', 'PASSWORD=hunter2']);
    const connection = connectDocker();
    const plan = await connection.plan([restartOf(container.name)], contextOf());
    const { before, applied, verify } = await change(connection, restartOf(container.name));
    const error = await verify().then(
      () => 'verified',
      (cause: unknown) => cause,
    );
    expect(error).toMatchObject({ code: 'E_VERIFY' });
    const listed = await connection.read(stepOf('docker.list', { all: true }), contextOf());
    const artifact = Buffer.from(listed.artifacts[0]?.content ?? []).toString();
    const said = JSON.stringify([plan, before, applied, error, Object(error).message, listed.summary, artifact]);
    expect(said).toContain(container.id);
    expect(said).not.toContain('hunter2');
  });
});
