import { expect, it } from 'vitest';
import { alertedMetrics } from '../alerts/alert-rules.ts';
import { dashboardQueries, metricsOf } from '../watch/dashboard-file.ts';
import { describeServer, type Stage } from './harness/describe-server.ts';
import { propose, runToEnd, writeFiles } from './harness/flow.ts';

const canary = 'canary-of-a-path';

async function scrape({ vera }: Stage): Promise<string> {
  return await vera.client.call('metrics');
}

/** What every series is, without its value; Node's own come and go with what it has open. */
function seriesOf(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('countersign_nodejs_'))
    .map((line) => line.slice(0, line.lastIndexOf(' ')));
}

function figure(text: string, series: string): number {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1) ?? 'NaN');
}

async function change({ alice }: Stage, path: string): Promise<string> {
  const operation = await propose(alice.client, writeFiles('dev', { [path]: `${path}\n` }, canary));
  return (await runToEnd(alice.client, operation)).op_id;
}

describeServer('metrics', {}, (stage) => {
  it('what the dashboard and the alerts look at is there (DO-14, IP-11)', async () => {
    const known = new Set([...(await scrape(stage())).matchAll(/^# HELP (\S+)/gm)].map(([, name]) => name));
    const wanted = new Set([...dashboardQueries.flatMap(({ expr }) => metricsOf(expr)), ...alertedMetrics]);
    expect(wanted.size).toBeGreaterThan(50);
    expect([...wanted].filter((name) => !known.has(name))).toEqual([]);
  });

  it('every action, connector, target and queue has a series before anything was done with it (DO-14)', async () => {
    const series = seriesOf(await scrape(stage()));
    const { actions } = await stage().vera.client.call('actions');
    expect(actions.length).toBeGreaterThan(5);
    for (const { name } of actions) {
      const own = series.filter((each) => each.startsWith('countersign_runs_total{') && each.includes(`"${name}"`));
      expect(own.length, name).toBeGreaterThanOrEqual(2);
    }
    for (const target of ['shop-dev', 'shop-stage', 'shop-prod'])
      expect(series).toContain(`countersign_target_ready{target="${target}",connector="repo"}`);
    for (const kind of ['plan', 'run', 'read', 'reconcile', 'seal', 'generate'])
      expect(series).toContain(`countersign_jobs_queued{kind="${kind}",connector="repo"}`);
  });

  it('a run is counted where it was done, by its action, and its steps are (DO-14, IP-9)', async () => {
    const runs =
      'countersign_runs_total{connector="repo",action="repo.write_files",effect="write",outcome="succeeded"}';
    const before = await scrape(stage());
    await change(stage(), 'one.txt');
    const after = await scrape(stage());
    expect(figure(after, runs) - figure(before, runs)).toBe(1);
    const labels = '{connector="repo",action="repo.write_files"}';
    expect(figure(after, `countersign_run_seconds_count${labels}`)).toBeGreaterThanOrEqual(1);
    expect(figure(after, `countersign_step_seconds_sum${labels}`)).toBeGreaterThan(0);
    expect(figure(after, 'countersign_plan_seconds_count{connector="repo"}')).toBeGreaterThanOrEqual(1);
    expect(figure(after, 'countersign_queue_wait_seconds_count{kind="run",connector="repo"}')).toBeGreaterThan(0);
    const committed = 'countersign_database_transactions_total{outcome="committed"}';
    expect(figure(after, committed)).toBeGreaterThan(figure(before, committed));
    const [free, size] = ['free', 'size'].map((which) => figure(after, `countersign_volume_${which}_bytes`));
    expect(free).toBeGreaterThan(0);
    expect(size).toBeGreaterThan(free ?? 0);
  });

  it('doing more of the same adds no series, and nobody, no path and no operation is in any (DO-14)', async () => {
    const first = await change(stage(), `${canary}/two.txt`);
    const before = new Set(seriesOf(await scrape(stage())));
    const ids = [first];
    for (const path of ['three', 'four', 'five']) ids.push(await change(stage(), `${canary}/${path}.txt`));
    const text = await scrape(stage());
    expect(seriesOf(text).filter((series) => !before.has(series))).toEqual([]);
    for (const word of [canary, 'alice', 'vera', ...ids]) expect(text).not.toContain(word);
  });
});
