import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openTcpProxy, reportFault, residentMb, type TcpProxy, type Treatment, waitUntil } from '@countersign/testing';
import { expect, it } from 'vitest';
import { type Noise, startNoise } from '../e2e/harness/noise.ts';
import { RawReader } from '../e2e/harness/raw-stream.ts';

const lineBytes = 60_000;
/** 30 MB: far more than the system's buffers between two ends hold. */
const lines = 500;
const goodReaders = 5;

function descriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Says all lines; answers the most memory that the server held meanwhile. */
async function sayAll(noise: Noise): Promise<number> {
  let peak = 0;
  for (let round = 0; round < 10; round += 1) {
    await noise.say(lines / 10, lineBytes);
    peak = Math.max(peak, residentMb(noise.pid()));
  }
  return peak;
}

async function metric(noise: Noise, name: string): Promise<number> {
  const text = await (
    await fetch(`${noise.urls[0]}/metrics`, { headers: { authorization: `Bearer ${noise.adminToken}` } })
  ).text();
  return text
    .split('\n')
    .reduce((sum, line) => (line.startsWith(`${name} `) ? sum + Number(line.split(' ')[1]) : sum), 0);
}

/** Opens readers through a proxy that treats them badly; resolves once every one was answered. */
async function openBad(
  proxy: TcpProxy,
  noise: Noise,
  count: number,
  treatment: Treatment,
  token: string,
  after: number,
): Promise<RawReader[]> {
  proxy.treat(treatment);
  const readers = Array.from({ length: count }, () => new RawReader(proxy.url));
  for (const reader of readers) reader.ask(`/v1/ops/${noise.opId}/events?after=${after}`, token);
  await waitUntil('every bad reader was answered', () => readers.every(({ head }) => head !== ''));
  return readers;
}

it.each([
  ['never-reads', 'never-reading', { stopAfterBytes: 600 }, 210],
  ['half-closes', 'half-closed-reader', { halfCloseAfterBytes: 600 }, 210],
  ['trickles', 'slow-reader', { bytesPerSecond: 2000 }, 210],
] as const)(
  'of 210 readers, each of which %s, nothing is left, and good readers lose nothing (DO-18)',
  async (kind, fault, treatment, count) => {
    await using noise = await startNoise();
    const [url = ''] = noise.urls;
    const [goodToken, badToken] = [await noise.reader('good'), await noise.reader('bad')];
    await using proxy = await openTcpProxy(url);
    const good = Array.from({ length: goodReaders }, () => new RawReader(url));
    for (const reader of good) reader.ask(`/v1/ops/${noise.opId}/events`, goodToken);
    const first = await Promise.all(good.map((reader) => reader.notice('caught_up')));
    const begun = Number(first[0]?.['after']);
    // The same load without bad readers is what memory is compared with.
    const usualMb = Math.max(await sayAll(noise), await sayAll(noise));
    const last = begun + 2 * lines;
    await waitUntil('the good have it', () => good.every((reader) => reader.text.includes(`id: ${last}\n`)));
    const before = { descriptors: descriptors(noise.pid()), mb: usualMb };

    const bad = await openBad(proxy, noise, count, treatment, badToken, last);
    const during = await sayAll(noise);
    const end = last + lines;
    await waitUntil('the good have all', () => good.every((reader) => reader.text.includes(`id: ${end}\n`)), {
      timeoutMs: 60_000,
      intervalMs: 100,
    });
    await waitUntil(
      'the bad are gone',
      async () => (await metric(noise, 'countersign_stream_watchers')) === goodReaders,
      {
        timeoutMs: 60_000,
      },
    );
    await waitUntil('their descriptors are free', () => descriptors(noise.pid()) <= before.descriptors + 3, {
      timeoutMs: 30_000,
    });
    const grownMb = Math.round(during - before.mb);
    // A server that kept what they do not take would hold 6,300 MB; what one collection more or less leaves is tens of MB.
    expect(grownMb, 'memory beyond that of the same load without them').toBeLessThan(150);
    for (const reader of good) {
      expect(reader.ids()).toEqual(Array.from({ length: end }, (_, index) => index + 1));
      expect(reader.closed).toBe(false);
    }
    const resync = await metric(noise, 'countersign_stream_resync_total');
    const dropped = kind === 'half-closes' ? proxy.struck() : resync;
    expect(dropped).toBeGreaterThanOrEqual(count);
    for (const reader of [...good, ...bad]) reader.socket.destroy();
    await reportFault({
      fault,
      point: kind,
      fired: dropped,
      lost: 0,
      twice: 0,
      held: `${goodReaders} good readers had all ${end} events; memory +${grownMb} MB beside 30 MB of stream; descriptors back`,
    });
  },
  300_000,
);

it('readers that stop in the middle of a replay hold one page each, and are dropped after 30 s (DO-18)', async () => {
  await using noise = await startNoise();
  const token = await noise.reader('stuck');
  await using proxy = await openTcpProxy(noise.urls[0] ?? '');
  await sayAll(noise);
  const warm = await openBad(proxy, noise, 40, { stopAfterBytes: 600 }, token, 0);
  for (const reader of warm) reader.socket.destroy();
  await waitUntil('they are gone', async () => (await metric(noise, 'countersign_stream_watchers')) === 0);
  const before = { mb: residentMb(noise.pid()), descriptors: descriptors(noise.pid()) };
  const stuck = await openBad(proxy, noise, 200, { stopAfterBytes: 600 }, token, 0);
  await sleep(5000);
  const grownMb = Math.round(residentMb(noise.pid()) - before.mb);
  expect(grownMb).toBeLessThan(150);
  await waitUntil('they are dropped', async () => (await metric(noise, 'countersign_stream_watchers')) === 0, {
    timeoutMs: 60_000,
    intervalMs: 500,
  });
  await waitUntil('their descriptors are free', () => descriptors(noise.pid()) <= before.descriptors + 3);
  const fired = await metric(noise, 'countersign_stream_resync_total');
  expect(fired).toBe(200);
  for (const reader of stuck) reader.socket.destroy();
  const held = `200 stuck readers held ${grownMb} MB in all; descriptors back`;
  await reportFault({ fault: 'slow-reader', point: 'stops in a replay', fired, lost: 0, twice: 0, held });
}, 300_000);
