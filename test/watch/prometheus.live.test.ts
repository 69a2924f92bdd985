import { spawnSync } from 'node:child_process';
import { type Prometheus, type RunningChild, startPrometheus, waitUntil } from '@countersign/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LiveContainer, runContainer, untilStopped } from '../../connectors/docker/src/live/containers.ts';
import { alertedMetrics, alertRules, recordedNames, rulesFile } from '../alerts/alert-rules.ts';
import { dashboardQueries, filledIn } from './dashboard-file.ts';
import { closed, openWatched, propose, read, restart, type Watched, write } from './watched-work.ts';

let watched: Watched;
let container: LiveContainer;
let prometheus: Prometheus;
const reader = new AbortController();

beforeAll(async () => {
  [watched, container] = await Promise.all([openWatched(), runContainer(untilStopped)]);
  const { targets, scrapeToken, installation, here } = watched;
  prometheus = await startPrometheus({ targets, token: scrapeToken, rules: [rulesFile] });
  const victim = await installation.work(here.workerToken, { crashAt: 'worker:after-effect:1' });
  await victim.waitFor(/Worker ready/, 60_000);
  await waitUntil('what can be done is scraped at both servers', async () => {
    const [found] = await prometheus.query('count(countersign_runs_total{action="docker.restart_container"})');
    return found?.value === '8';
  });
  await doWork(victim);
});
afterAll(async () => {
  reader.abort();
  await prometheus[Symbol.asyncDispose]();
  await container[Symbol.asyncDispose]();
  await watched[Symbol.asyncDispose]();
});

/** Through both servers: five changes of which one is stale and one waits, and reads of which one fails. */
async function doWork(victim: RunningChild): Promise<void> {
  const { here, there, installation } = watched;
  const killed = await propose(here.requester, restart(container));
  expect(await victim.exited).toEqual({ code: null, signal: 'SIGKILL' });
  await installation.work(here.workerToken);
  expect((await closed(there.requester, killed.op_id)).run?.state).toBe('succeeded');
  expect((await closed(here.requester, (await propose(there.requester, restart(container))).op_id)).run?.state).toBe(
    'succeeded',
  );
  const overtaken = await propose(here.requester, write('files-dev', 'a.txt', 'manual'));
  await closed(here.requester, (await propose(there.requester, write('files-dev', 'a.txt', 'when_allowed'))).op_id);
  const digest = overtaken.plan?.digest ?? '';
  await here.requester.call('opsExecute', { body: { op_id: overtaken.op_id, digest } });
  expect((await closed(here.requester, overtaken.op_id)).run?.failure?.code).toBe('E_PLAN_STALE');
  const waiting = await propose(there.requester, write('files-prod', 'b.txt', 'when_allowed'));
  expect(waiting.status).toBe('planned');
  for (const client of [here.requester, there.requester]) {
    expect(await read(client, 'docker.logs', 'containers', { container: container.name })).toBe('succeeded');
    expect(await read(client, 'repo.tree', 'files-dev', {})).toBe('succeeded');
  }
  expect(await read(here.requester, 'docker.inspect', 'containers', { container: 'nobody' })).toBe('failed');
  await here.requester.call('planPrompt', { body: { prompt: 'list the containers' } });
  await follow(overtaken.op_id);
  void follow(waiting.op_id).catch(() => undefined);
  expect((await fetch(`${installation.url}/nowhere`)).status).toBe(404);
}

/** Reads the stream of an operation to its end, which one that waits has not. */
async function follow(opId: string): Promise<void> {
  const { installation, here } = watched;
  const { token } = await here.admin.call('tokenCreate', {
    body: { name: `r-${opId}`, kind: 'person', role: 'viewer' },
  });
  const headers = { authorization: `Bearer ${token}` };
  await (await fetch(`${installation.url}/v1/ops/${opId}/events`, { headers, signal: reader.signal })).text();
}

/** The expressions that give no series yet. */
async function without(expressions: readonly string[]): Promise<string[]> {
  const found = await Promise.all(expressions.map((expr) => prometheus.query(expr)));
  return expressions.filter((_, index) => found[index]?.length === 0);
}

async function expectAllToGiveSeries(expressions: readonly string[]): Promise<void> {
  let missing: string[] = [];
  await waitUntil('all give a series', async () => {
    missing = await without(expressions);
    return missing.length === 0;
  }).catch(() => undefined);
  expect(missing).toEqual([]);
}

it('every query of the dashboard returns a series from a Prometheus that scrapes two servers at work (DO-14, IP-9)', async () => {
  const queries = dashboardQueries.map(({ expr }) => filledIn(expr, '60s'));
  expect(queries.length).toBeGreaterThan(60);
  await expectAllToGiveSeries(queries);
  expect(await without(['countersign_that_does_not_exist'])).toHaveLength(1);
});

it('every alert can be evaluated, what it looks at has series, and what is recorded is there (IP-11)', async () => {
  await expectAllToGiveSeries([...alertedMetrics.map((name) => `{__name__=~"${name}(_bucket)?"}`), ...recordedNames]);
  for (const { alert, expr } of alertRules) expect(await prometheus.query(expr), alert).toBeInstanceOf(Array);
});

it('what two servers did adds up to what was done, and both say the same of how it stands (DO-14)', async () => {
  const counted = async (expr: string, by: string): Promise<Record<string, number>> =>
    Object.fromEntries((await prometheus.query(expr)).map(({ metric, value }) => [metric[by] ?? '', Number(value)]));
  const reads = (action: string): string => `sum by (outcome) (countersign_runs_total{action="${action}"})`;
  await waitUntil(
    'the last read is scraped',
    async () => (await counted(reads('docker.inspect'), 'outcome'))['failed'] === 1,
  );
  expect(await counted(reads('docker.inspect'), 'outcome')).toEqual({ succeeded: 0, failed: 1 });
  expect(await counted(reads('docker.logs'), 'outcome')).toEqual({ succeeded: 2, failed: 0 });
  const changes = 'sum by (outcome) (countersign_runs_total{effect!="read"})';
  expect(await counted(changes, 'outcome')).toEqual({ succeeded: 3, stale: 1, failed: 0, cancelled: 0 });
  const steps = 'sum by (connector) (countersign_steps_total{outcome="verified"})';
  expect(await counted(steps, 'connector')).toEqual({ docker: 2, repo: 1 });
  // A machine under load takes back more than the one that was lost; the log has every one.
  await waitUntil('what was taken back is counted as the log has it', async () => {
    const { entries } = await watched.here.admin.call('audit', { query: { event: 'lease.expired', limit: 500 } });
    const taken = await counted('sum by (job) (countersign_take_backs_total)', 'job');
    return entries.length > 0 && taken['countersign'] === entries.length;
  });
  const again = await counted('sum by (connector) (countersign_retries_total{kind="run"})', 'connector');
  expect(again['docker']).toBeGreaterThanOrEqual(1);
  const places = await counted('countersign_operations_open{state="planned"}', 'instance');
  expect(Object.values(places)).toEqual([1, 1]);
  expect(await counted('max by (worker) (countersign_worker_live)', 'worker')).toEqual({ worker: 1 });
  expect(await counted('sum by (state) (countersign_stream_watchers > 0)', 'state')).toEqual({ '': 1 });
});

it('promtool finds nothing to say about names, units and help texts but of those that Node has (DO-14)', async () => {
  const headers = { authorization: `Bearer ${watched.scrapeToken}` };
  const text = await (await fetch(`${watched.installation.url}/metrics`, { headers })).text();
  expect(text.match(/^# HELP countersign_/gm)?.length).toBeGreaterThan(80);
  const { stderr, stdout } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  const said = `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
  // Gauges of Node's end in _total: that they are found shows that it read the text.
  expect(said.length).toBeGreaterThan(0);
  expect(said.filter((line) => !line.startsWith('countersign_nodejs_'))).toEqual([]);
});
