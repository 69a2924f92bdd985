import { advanceCheckpoint, recordAlone, systemActor, workerPort } from '@countersign/engine';
import { buildServer } from '@countersign/server';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { defaultDecider } from '../../packages/engine/src/fixture/default-decider.ts';
import { openEngineBench } from '../../packages/engine/src/fixture/engine-bench.ts';

it('readyz is 503 while an audit entry waits too long for its checkpoint, and not because the log was idle (promise 4, DO-14)', async () => {
  await using bench = await openEngineBench();
  const context = bench.context(defaultDecider('standard'), []);
  const app = await buildServer({ context, port: workerPort(context), logger: pino({ level: 'silent' }) });
  const ready = async () => {
    const { statusCode, body } = await app.inject({ url: '/readyz' });
    return statusCode === 200 ? 'ready' : `${statusCode} ${JSON.parse(body).error.message}`;
  };
  const append = () =>
    recordAlone(context, {
      event: 'server.started',
      actor: systemActor,
      subject: { kind: 'server', id: 'one' },
      outcome: 'ok',
      correlationId: 'one',
    });
  expect(await ready()).toBe('ready');
  await append();
  bench.clock.advance(31_000);
  // Never signed at all.
  expect(await ready()).toBe('503 the audit log is not signed any more');
  await advanceCheckpoint(context);
  expect(await ready()).toBe('ready');

  bench.clock.advance(3_600_000);
  await append();
  expect(await ready()).toBe('ready');
  bench.clock.advance(31_000);
  expect(await ready()).toBe('503 the audit log is not signed any more');
  await advanceCheckpoint(context);
  expect(await ready()).toBe('ready');
  await app.close();
});
