import { join } from 'node:path';
import { forkListening, type Listening } from '../fixture/processes.ts';
import { requestRate } from '../fixture/request-rate.ts';
import { alternate } from '../harness/alternate.ts';
import type { Figure, Row } from '../harness/row.ts';
import { workFolder } from '../harness/work-folder.ts';

const sliceMs = 700;
const fixtures = join(import.meta.dirname, '..', 'fixture');
const main = join(import.meta.dirname, '..', '..', 'apps', 'countersign', 'src', 'main.ts');

/** Requests that the server answers per second of its own processor time: the neighbours on the machine do not count. */
async function perCpuSecond(server: Listening): Promise<number> {
  const before = await server.cpuMs();
  const rate = await requestRate(server.url, '/livez', sliceMs);
  return (rate * sliceMs) / ((await server.cpuMs()) - before);
}

async function measure(): Promise<Figure[]> {
  using folder = workFolder();
  const env = { COUNTERSIGN_DATA_DIR: folder.path, COUNTERSIGN_PORT: '0' };
  await using ours = await forkListening(join(fixtures, 'serve-ours.ts'), [main, 'serve', '--no-worker'], env);
  await using fastify = await forkListening(join(fixtures, 'serve-bare.ts'), ['fastify'], {});
  await using like = await forkListening(join(fixtures, 'serve-bare.ts'), ['fastify-as-ours'], {});
  await using node = await forkListening(join(fixtures, 'serve-bare.ts'), ['node'], {});
  const servers = { ours, fastify, like, node };
  const rates = await alternate({
    ours: () => requestRate(servers.ours.url, '/livez', sliceMs),
    fastify: () => requestRate(servers.fastify.url, '/livez', sliceMs),
    node: () => requestRate(servers.node.url, '/livez', sliceMs),
  });
  const byCpu = await alternate({
    ours: () => perCpuSecond(servers.ours),
    fastify: () => perCpuSecond(servers.fastify),
    like: () => perCpuSecond(servers.like),
    node: () => perCpuSecond(servers.node),
  });
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
  const goal = { of: 'ratio', bound: 'at least', value: 0.9 } as const;
  return [
    figure('GET /livez', 'requests/s', rates.ours, 'bare Fastify + zod', rates.fastify, null),
    figure('GET /livez', 'requests/s', rates.ours, 'node:http', rates.node, null),
    figure('GET /livez by processor time', 'requests/CPU s', byCpu.ours, 'bare Fastify + zod', byCpu.fastify, null),
    // Held against a server that says and counts as much: docs/adr/0035.
    figure(
      'GET /livez by processor time',
      'requests/CPU s',
      byCpu.ours,
      'the same Fastify with our request id, headers and metrics',
      byCpu.like,
      goal,
    ),
    figure('GET /livez by processor time', 'requests/CPU s', byCpu.ours, 'node:http', byCpu.node, null),
  ];
}

export const http: Row = {
  name: 'http',
  what: 'HTTP without the database, 32 connections',
  dominates:
    'writing the answer, which the bare handler does as well; then the request id and the six headers that say what a browser may do with the answer, the metrics, and the parsed call.',
  changed: [
    'calls are of a class: an object with an accessor kept a shape of its own for each request, and the collector took a fifth of all time (from 0.62 to about 0.8 within the same minutes on a busy machine).',
  ],
  measure,
};
