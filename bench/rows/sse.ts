import { forkStream, type StreamProcess } from '../fixture/stream-processes.ts';
import { alternate } from '../harness/alternate.ts';
import type { Figure, Row } from '../harness/row.ts';
import { median, quantile } from '../harness/statistics.ts';

/** Lines that a worker sends in one request. */
const together = 10;
const paceMs = 50;
/** Readers that come and go before, so that what any first request costs is not counted as theirs. */
const warmUpWatchers = 500;

interface Side {
  readonly server: StreamProcess;
  readonly readers: StreamProcess;
  readonly kilobytesEach: number;
}

async function openSide(stack: AsyncDisposableStack, kind: 'ours' | 'bare', watchers: number): Promise<Side> {
  const server = stack.use(await forkStream('serve-stream.ts', [kind]));
  const readers = stack.use(await forkStream('tell-stream.ts', []));
  const { url = '', token = '' } = server.first;
  {
    await using first = await forkStream('tell-stream.ts', []);
    await first.ask({ do: 'connect', watchers: warmUpWatchers, url, token });
  }
  const before = (await server.ask({ do: 'memory' })).rssBytes ?? 0;
  await readers.ask({ do: 'connect', watchers, url, token });
  const after = (await server.ask({ do: 'memory' })).rssBytes ?? 0;
  return { server, readers, kilobytesEach: (after - before) / 1024 / watchers };
}

async function cpuMs({ server }: Side): Promise<number> {
  return (await server.ask({ do: 'cpu' })).cpuMs ?? 0;
}

async function measureSse(watchers: number, limitMs: number): Promise<Figure[]> {
  await using stack = new AsyncDisposableStack();
  const ours = await openSide(stack, 'ours', watchers);
  const bare = await openSide(stack, 'bare', watchers);
  const events = Math.round(400_000 / watchers);
  const costs: Record<'ours' | 'each' | 'joined', number[]> = { ours: [], each: [], joined: [] };

  /** Messages a second until the last reader has the last one. */
  const flood = async (name: keyof typeof costs, side: Side, split: boolean): Promise<number> => {
    const cpuBefore = await cpuMs(side);
    const startedAt = performance.now();
    const received = side.readers.ask({ do: 'receive', events: watchers * events, delays: false });
    await Promise.all([side.server.ask({ do: 'flood', events, together, split }), received]);
    const ms = performance.now() - startedAt;
    costs[name].push((((await cpuMs(side)) - cpuBefore) * 1000) / (watchers * events));
    return (watchers * events * 1000) / ms;
  };
  const rates = await alternate(
    {
      ours: () => flood('ours', ours, false),
      each: () => flood('each', bare, true),
      joined: () => flood('joined', bare, false),
    },
    5,
  );

  /** One event every 50 ms (1,000 readers) or as many messages a second with more of them. */
  const delaysOf = async ({ server, readers }: Side): Promise<readonly number[]> => {
    const paced = 100;
    const everyMs = (paceMs * watchers) / 1000;
    const received = readers.ask({ do: 'receive', events: watchers * paced, delays: true });
    await server.ask({ do: 'pace', events: paced, everyMs });
    return (await received).delaysMs ?? [];
  };
  const delays = { ours: await delaysOf(ours), bare: await delaysOf(bare) };
  const atMost = (value: number) => ({ of: 'ours', bound: 'at most', value }) as const;
  const figure = (
    what: string,
    unit: string,
    value: number,
    name: string,
    peer: number,
    goal: Figure['goal'],
  ): Figure => ({
    what,
    unit,
    ours: value,
    peer: { name, value: peer },
    goal,
  });
  const each = 'node:http, a write each';
  return [
    figure('messages to readers', 'messages/s', rates.ours, each, rates.each, {
      of: 'ratio',
      bound: 'at least',
      value: 0.9,
    }),
    figure('messages to readers', 'messages/s', rates.ours, 'node:http, ten a write', rates.joined, null),
    figure('processor time of the server', 'us/message', median(costs.ours), each, median(costs.each), null),
    figure(
      'p99 at 20,000 messages/s',
      'ms',
      quantile(delays.ours, 0.99),
      'node:http',
      quantile(delays.bare, 0.99),
      atMost(limitMs),
    ),
    figure('p50 at 20,000 messages/s', 'ms', quantile(delays.ours, 0.5), 'node:http', quantile(delays.bare, 0.5), null),
    figure('memory', 'KB/reader', ours.kilobytesEach, 'node:http', bare.kilobytesEach, atMost(25)),
  ];
}

const row = (watchers: number, limitMs: number): Row => ({
  name: `sse-${watchers}`,
  what: `one stream to ${watchers} readers in another process; ours is in the database first`,
  measure: () => measureSse(watchers, limitMs),
});

export const sse1000: Row = row(1000, 100);
export const sse5000: Row = row(5000, 250);
