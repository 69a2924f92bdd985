import { Agent, request as httpRequest } from 'node:http';
import {
  ErrorEnvelope,
  errorCodes,
  isErrorCode,
  type Json,
  JsonObject,
  type RouteDefinition,
  routes,
} from '@countersign/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Stage, withPeople } from '../harness/describe-server.ts';
import { propose, writeFiles } from '../harness/flow.ts';
import { openServer } from '../harness/open-server.ts';
import { requestsOf, type Sent, type Tokens } from './fuzz-requests.ts';
import type { Dictionary } from './schema-arbitrary.ts';
import { makeSubjects } from './subjects.ts';

const total = Number(process.env['COUNTERSIGN_HTTP_FUZZ'] ?? 1500);
const seed = Number(process.env['COUNTERSIGN_SEED'] ?? Math.floor(performance.timeOrigin) % 2 ** 30);
/** Of 200,000 requests each route gets 500 at least. */
const least = Math.floor(total / 400);
const atOnce = 24;
const perRound = 10;
/** Longer than any request may wait by itself. */
const patienceMs = 120_000;
const table = Object.entries(routes).map(([id, route]): readonly [string, RouteDefinition] => [id, route]);

/** Refusals that come before any handler. What a handler refuses by the same codes counts here as well: the share is a lower bound. */
const before = new Set([
  'E_VALIDATION',
  'E_BAD_REQUEST',
  'E_MEDIA_TYPE',
  'E_BODY_TOO_LARGE',
  'E_METHOD_NOT_ALLOWED',
  'E_AUTH_REQUIRED',
  'E_AUTH_INVALID',
  'E_AUTH_ORIGIN',
  'E_AUTH_CSRF',
  'E_AUTH_MIXED',
  'E_AUTH_FORBIDDEN',
  'E_RATE_LIMITED',
]);
/** Routes that ask a worker for real work, or copy the whole installation: no more of them than must be. */
const dear =
  /^(?:public)?(?:opsPlan|opsEdit|opsReplan|opsRollback|actionExecute|validateRun|evidenceReplay|backupMake|retentionApply|policyReload|keyRotate|repository\w+|planPrompt|groupPropose|aiCommandAsk|draftGenerate|providerTest|alias\w+)$/i;

interface Got {
  readonly status: number;
  readonly requestId: string | undefined;
  readonly body: string;
}

function exchange(url: string, sent: Sent, agent: Agent): Promise<Got> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const options = { hostname, port, path: sent.path, method: sent.method, headers: sent.headers, agent };
    const call = httpRequest(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const header = response.headers['x-request-id'];
        const requestId = typeof header === 'string' ? header : undefined;
        resolve({ status: response.statusCode ?? 0, requestId, body: Buffer.concat(chunks).toString('utf8') });
      });
    });
    call.on('error', reject);
    call.setTimeout(patienceMs, () => call.destroy(new Error(`no answer in ${patienceMs} ms`)));
    call.end(sent.text ?? undefined);
  });
}

/** The code of a refusal, by either of its two forms. */
function codeOf({ status, body }: Got): string {
  if (status < 400) return 'answered';
  const parsed = JsonObject.parse(JSON.parse(body));
  return 'error' in parsed ? ErrorEnvelope.parse(parsed).error.code : String(parsed['code']);
}

/** What is wrong with an answer; null for one that is as it must be. */
function wrongWith(got: Got): string | null {
  const { status, body, requestId } = got;
  if (requestId === undefined) return 'no request id';
  if (status < 400) return null;
  if (status >= 500) return `status ${status}`;
  if (/node_modules|\.ts:\d|\bat \w+ \(/.test(body)) return 'a stack trace';
  const code = codeOf(got);
  if (!isErrorCode(code)) return `no registered code: ${code}`;
  return errorCodes[code].http === status ? null : `${code} with status ${status}`;
}

/** What exists, by the names of fields and parameters. */
async function dictionaryOf(stage: Stage): Promise<Dictionary> {
  const subjects = await makeSubjects(stage);
  const waiting = await propose(stage.alice.client, writeFiles('prod', { 'fuzz.txt': 'x\n' }));
  const steps = writeFiles('dev', { 'fuzz.txt': 'y\n' }).steps.map((step) => JsonObject.parse(step));
  return new Map<string, readonly Json[]>([
    ['op_id', [subjects.opId, waiting.op_id, subjects.readId]],
    ['run_id', [subjects.runId]],
    ['bundle_id', [subjects.bundleId]],
    ['artifact_id', [subjects.artifactId]],
    ['replay_id', [subjects.replayId]],
    ['request_id', ['matrix-subject', 'fuzz-1', 'fuzz-2']],
    ['token_id', ['01890000-0000-7000-8000-00000000000f']],
    ['target', ['shop-dev', 'shop-stage', 'shop-prod']],
    ['project', ['shop']],
    ['environment', ['dev', 'stage', 'prod']],
    ['steps', [steps]],
    ['digest', [waiting.plan?.digest ?? '', `sha256:${'0'.repeat(64)}`]],
    ['action', ['repo.status', 'repo.tree', 'repo.write_files']],
    ['inputs', [{}]],
    ['path', ['README.md', 'config', 'nothing']],
    ['from', ['HEAD', 0]],
    ['to', ['HEAD', 1]],
    ['query', ['shop']],
    ['name', ['fuzzed', 'nothing']],
    ['size', [1, 2]],
    ['leaf', [0]],
  ]);
}

/** Sends everything, some at once, and tells what came back. */
class Campaign {
  readonly counts = new Map<string, number>();
  readonly byRoute = new Map<string, number>();
  readonly wrong: string[] = [];
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: atOnce });

  constructor(url: string) {
    this.#url = url;
  }

  get requests(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  get reached(): number {
    return [...this.counts].reduce((sum, [code, count]) => sum + (before.has(code) ? 0 : count), 0);
  }

  /** Always as many in flight as may be: no slow answer holds the others up. */
  async send(requests: Iterator<Sent>): Promise<void> {
    const runner = async (): Promise<void> => {
      for (let next = requests.next(); next.done !== true; next = requests.next()) {
        await this.#one(next.value);
        if (total > 10_000 && this.requests % 1000 === 0)
          process.stderr.write(`${this.requests} of ${total} requests, ${this.wrong.length} wrong\n`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, runner));
  }

  async #one(sent: Sent): Promise<void> {
    const got = await exchange(this.#url, sent, this.#agent).catch((error: unknown) => String(error));
    if (typeof got === 'string') {
      this.#note(`${got}: ${JSON.stringify(sent).slice(0, 2000)}`);
      return;
    }
    const problem = wrongWith(got);
    if (problem !== null) this.#note(`${problem}: ${JSON.stringify(sent).slice(0, 2000)} -> ${got.body.slice(0, 400)}`);
    const code = codeOf(got);
    this.counts.set(code, (this.counts.get(code) ?? 0) + 1);
    this.byRoute.set(sent.id, (this.byRoute.get(sent.id) ?? 0) + 1);
  }

  /** Told at once: a long run is not waited for to see what is wrong. */
  #note(problem: string): void {
    if (this.wrong.length >= 20) return;
    this.wrong.push(problem);
    process.stderr.write(`${problem}\n`);
  }

  close(): void {
    this.#agent.destroy();
  }
}

interface Made {
  readonly count: number;
  readonly arbitrary: fc.Arbitrary<Sent>;
  readonly seed: number;
}

/** Round by round through the routes, so that each meets a server on which the others have left their traces. */
function* inRounds(made: readonly Made[]): Generator<Sent, undefined> {
  for (let from = 0; made.some(({ count }) => from < count); from += perRound) {
    for (const { count, arbitrary, seed: own } of made) {
      if (from < count) yield* fc.sample(arbitrary, { numRuns: Math.min(perRound, count - from), seed: own + from });
    }
  }
}

const much = { per_minute: 100_000_000, per_day: null };
const budgets = { read: much, write: much, stream: much };
const limits = { ...budgets, worker: much, auth: much, anonymous: much, refused: much, public: budgets };

it(`${total} requests made from the OpenAPI document: no answer of 5xx, one envelope, no crash (OA-3, COUNTERSIGN_SEED=${seed})`, async () => {
  const server = await openServer('sqlite', { config: { limits } });
  const campaign = new Campaign(server.url);
  try {
    const stage = await withPeople(server);
    const worker = await server.bearer({ name: 'fuzz-worker', kind: 'worker', role: 'worker' });
    const bot = await server.bearer({ name: 'fuzz-bot', kind: 'agent', role: 'actions' });
    const others = [stage.vera.token, stage.bob.token, bot.token];
    const tokens: Tokens = { admin: server.admin.token, worker: worker.token, others };
    const dictionary = await dictionaryOf(stage);
    const plenty = table.filter(([id]) => !dear.test(id)).length;
    const more = Math.ceil((total - least * table.length) / plenty);
    const made = table.map(([id, route], index) => ({
      count: least + (dear.test(id) ? 0 : Math.max(0, more)),
      arbitrary: requestsOf(id, route, dictionary, tokens),
      seed: seed + index,
    }));
    await campaign.send(inRounds(made));
    const { requests, reached, counts, byRoute, wrong } = campaign;
    const told = [...counts].sort(([, a], [, b]) => b - a).map(([code, count]) => `${code} ${count}`);
    const share = ((100 * reached) / requests).toFixed(1);
    const fewest = Math.min(...byRoute.values());
    console.log(
      `${requests} requests (COUNTERSIGN_SEED=${seed}), ${share} % reached a handler, each route ${fewest} times at least; ${told.join(', ')}`,
    );
    expect(wrong).toEqual([]);
    expect(requests).toBeGreaterThanOrEqual(total);
    expect(reached / requests).toBeGreaterThanOrEqual(0.3);
    for (const [id] of table) expect(byRoute.get(id) ?? 0, id).toBeGreaterThanOrEqual(Math.max(1, least));
    expect(await (await fetch(`${server.url}/livez`)).json()).toEqual({ status: 'ok' });
  } finally {
    campaign.close();
    await server.close();
  }
}, 7_200_000);
