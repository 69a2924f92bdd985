import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type RunningChild, startChild } from '../process/child.ts';
import { freePort } from '../process/free-port.ts';
import { waitForHttp } from '../process/wait-until.ts';
import { makeTempFolder } from '../temp/temp-folder.ts';

/** One series of an answer: its labels and its value, as Prometheus spells it. */
export interface PrometheusSample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: string;
}

/** A Prometheus of a test's own, that scrapes each second. */
export interface Prometheus extends AsyncDisposable {
  readonly url: string;
  /** What an expression gives now; throws what Prometheus says of it. */
  query(expr: string): Promise<PrometheusSample[]>;
}

/** What it scrapes, as the job `countersign`. */
export interface PrometheusOptions {
  /** `host:port` of each server. */
  readonly targets: readonly string[];
  readonly token: string;
  /** Files of rules that it evaluates each second. */
  readonly rules?: readonly string[];
}

const Answer = z.object({
  status: z.string(),
  error: z.string().optional(),
  data: z
    .object({
      result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
    })
    .optional(),
});

/** Starts one and waits until it answers; needs the program `prometheus` on the PATH. */
export async function startPrometheus({ targets, token, rules = [] }: PrometheusOptions): Promise<Prometheus> {
  const folder = makeTempFolder();
  const config = join(folder.path, 'prometheus.yml');
  // JSON is YAML too.
  const scrape = {
    job_name: 'countersign',
    authorization: { credentials: token },
    static_configs: [{ targets }],
  };
  const global = { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' };
  writeFileSync(config, JSON.stringify({ global, rule_files: rules, scrape_configs: [scrape] }));
  const address = `127.0.0.1:${await freePort()}`;
  const child: RunningChild = await startChild('prometheus', [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder.path, 'data')}`,
    `--web.listen-address=${address}`,
  ]);
  const url = `http://${address}`;
  await waitForHttp(`${url}/-/ready`, { timeoutMs: 60_000 });
  return {
    url,
    async query(expr) {
      const response = await fetch(`${url}/api/v1/query`, {
        method: 'POST',
        body: new URLSearchParams({ query: expr }),
      });
      const { status, error, data } = Answer.parse(await response.json());
      if (status !== 'success' || data === undefined) throw new Error(`${expr}: ${error ?? status}`);
      return data.result.map(({ metric, value: [, value] }) => ({ metric, value }));
    },
    async [Symbol.asyncDispose]() {
      await child.kill('SIGTERM');
      folder.remove();
    },
  };
}
