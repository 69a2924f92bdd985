import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@countersign/client';
import { createTestDatabase, startCountersign, waitUntil } from '@countersign/testing';
import { expect, it, onTestFinished } from 'vitest';
import { startNoise } from './harness/noise.ts';
import { RawReader } from './harness/raw-stream.ts';

it('what a worker says through one server is seen at another on the same Postgres, whole and soon (DO-18)', async () => {
  const database = await createTestDatabase();
  await using noise = await startNoise({ servers: 2, databaseUrl: database.connectionString });
  const token = await noise.reader('watcher');
  const [, other = ''] = noise.urls;
  const readers = Array.from({ length: 20 }, () => new RawReader(other));
  for (const reader of readers) reader.ask(`/v1/ops/${noise.opId}/events`, token);
  const [notice] = await Promise.all(readers.map((reader) => reader.notice('caught_up')));
  const begun = Number(notice?.['after']);
  const delays: number[] = [];
  for (let round = 1; round <= 20; round += 1) {
    const said = await noise.say(1, 100);
    const at = performance.now();
    await waitUntil('it is seen', () => readers.every((reader) => reader.text.includes(`id: ${begun + said}\n`)), {
      intervalMs: 2,
    });
    delays.push(performance.now() - at);
  }
  const said = await noise.say(300, 300);
  await noise.cancel();
  for (const reader of readers) {
    await waitUntil('its end', () => reader.over);
    const ids = reader.ids();
    expect(ids).toEqual(ids.map((_, index) => index + 1));
    expect(ids.length).toBeGreaterThan(begun + said);
    reader.socket.destroy();
  }
  delays.sort((a, b) => a - b);
  // Without hints it would be half a second on average.
  expect(delays[10]).toBeLessThan(400);
  // A server that ends tells its readers where to go on.
  const leaving = new RawReader(other);
  leaving.ask(`/v1/ops/${noise.opId}/events`, token, { 'last-event-id': '0' });
  await waitUntil('it has the end', () => leaving.over);
  leaving.socket.destroy();
  await noise[Symbol.asyncDispose]();
  await database.drop();
}, 180_000);

it('a server that is told to stop says to every reader where to resume', async () => {
  await using noise = await startNoise();
  const token = await noise.reader('watcher');
  const readers = Array.from({ length: 10 }, () => new RawReader(noise.urls[0] ?? ''));
  for (const reader of readers) reader.ask(`/v1/ops/${noise.opId}/events`, token);
  const [notice] = await Promise.all(readers.map((reader) => reader.notice('caught_up')));
  process.kill(noise.pid(), 'SIGTERM');
  for (const reader of readers) {
    expect(await reader.notice('closing')).toEqual({ after: notice?.['after'], reason: 'shutdown', retry_ms: 1000 });
    await waitUntil('its answer is whole', () => reader.over);
  }
}, 60_000);

it('countersign logs -f, and any follower, goes on where it was when its server was killed and came back (DO-16, DO-18)', async () => {
  await using noise = await startNoise();
  const token = await noise.reader('follower');
  const [url = ''] = noise.urls;
  const command = await startCountersign(['logs', '-f', noise.opId, '--json'], {
    cwd: noise.folder,
    env: { COUNTERSIGN_SERVER: url, COUNTERSIGN_TOKEN: token },
  });
  onTestFinished(async () => {
    await command.kill();
  });
  const following = (async () => {
    const ids: number[] = [];
    for await (const { id } of connect({ url, token }).events(noise.opId)) ids.push(id);
    return ids;
  })();
  for (let life = 0; life < 3; life += 1) {
    await noise.say(50, 2000);
    await sleep(200);
    await noise.kill();
    await sleep(300);
    await noise.start();
  }
  await noise.cancel();
  const ids = await following;
  expect(ids).toEqual(ids.map((_, index) => index + 1));
  expect(ids.length).toBeGreaterThan(150);
  expect(await command.exited).toEqual({ code: 0, signal: null });
  const printed = command
    .stdout()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).id);
  expect(printed).toEqual(ids);
}, 180_000);
