import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ErrorEnvelope, type RouteDefinition, routes } from '@countersign/protocol';
import { type GitRepository, makeGitRepository, waitUntil } from '@countersign/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stage, withPeople } from '../harness/describe-server.ts';
import { openServer } from '../harness/open-server.ts';
import { send } from '../harness/send.ts';
import { type Column, makeColumns } from './credentials.ts';
import { type Request, requestOf } from './requests.ts';
import { makeSubjects, missing, type Subjects } from './subjects.ts';

/**
 * Every route by every credential, over a real socket, against `matrix.txt`, which is reviewed by hand. After a change of routes:
 * run with COUNTERSIGN_WRITE_MATRIX=1, read every line that changed, and say in the commit why it is right.
 */
const file = join(import.meta.dirname, 'matrix.txt');
const writing = process.env['COUNTERSIGN_WRITE_MATRIX'] === '1';
const table = Object.entries(routes).map(([id, route]): readonly [string, RouteDefinition] => [id, route]);

async function answerOf(url: string, column: Column, request: Request): Promise<{ status: number; body: string }> {
  const headers = { ...request.headers, ...column.headers(request.method) };
  const response = await send(url, { ...request, headers });
  return { status: response.status, body: await response.text() };
}

/** How the table spells the refusals that fill it; any other stands with its code. */
const spelled: Readonly<Record<string, string>> = {
  E_AUTH_REQUIRED: '401',
  E_AUTH_INVALID: '401i',
  E_AUTH_FORBIDDEN: '403',
  E_APPROVAL_NOT_ALLOWED: '403a',
  E_NOT_FOUND: '404',
  E_STATE: '409',
  E_ALREADY_DECIDED: '409d',
  E_LEASE_LOST: '409l',
  E_VALIDATION: '422',
  E_TARGET_UNKNOWN: '422t',
};

/** A cell: the status of a success, or the refusal. */
function cellOf({ status, body }: { status: number; body: string }): string {
  if (status < 400) return String(status);
  const { code, message } = ErrorEnvelope.parse(JSON.parse(body)).error;
  // Whether this checkout was built decides no right.
  if (message.includes('without the verifier page')) return '200';
  return spelled[code] ?? code;
}

function readTable(): Map<string, string[]> {
  const rows = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.trim().split(/\s+/));
  return new Map(rows.map(([id = '', ...cells]) => [id, cells]));
}

function writeTable(columns: readonly string[], rows: ReadonlyMap<string, readonly string[]>): void {
  const lines = [['route', ...columns], ...[...rows].map(([id, cells]) => [id, ...cells])];
  const widths = columns.map((_name, index) => Math.max(...lines.map((line) => line[index + 1]?.length ?? 0)));
  const idWidth = Math.max(...lines.map(([id = '']) => id.length));
  const text = lines.map(([id = '', ...cells]) =>
    [id.padEnd(idWidth), ...cells.map((cell, index) => cell.padEnd(widths[index] ?? 0))].join('  ').trimEnd(),
  );
  const head = [
    '# What each route answers to each credential: the status of a success, or a refusal:',
    `# ${Object.entries(spelled)
      .map(([code, short]) => `${short} ${code}`)
      .join(', ')}.`,
    '# viewer, actions, approver, admin: tokens of people, in every project. local: administrator of project shop, which all requests',
    '# are about. foreign: administrator of another project. unscoped: an administrator\'s token narrowed to the scope "people".',
    '# agent: an AI with role actions. service: role approver. s-*: sessions with cookie, CSRF token and Origin.',
  ];
  writeFileSync(file, `${[...head, ...text].join('\n')}\n`);
}

describe.each(['sqlite', 'postgres'] as const)('who may do what [%s]', (dialect) => {
  let bank: GitRepository;
  let stage: Stage;
  let subjects: Subjects;
  let columns: Column[];
  beforeAll(async () => {
    bank = await makeGitRepository({ 'README.md': '# bank\n' });
    const config = { path: bank.path, branch: 'main' };
    const targets = [{ name: 'bank-dev', project: 'bank', environment: 'dev', connector: 'repo', config }];
    stage = await withPeople(
      await openServer(dialect, { targets, config: { agents: { project: 'shop', environment: 'dev' } } }),
    );
    subjects = await makeSubjects(stage);
    columns = await makeColumns(stage);
  });
  afterAll(async () => {
    await stage.close();
    bank.remove();
  });

  // Who may do what is decided before the database is asked; what is seen of it is compared on both.
  it.runIf(dialect === 'sqlite')(
    'every route answers every credential as the reviewed table says (DO-4, DO-10, DO-19, DO-21, OA-1)',
    async () => {
      const found = new Map<string, string[]>();
      for (const [id, route] of table) {
        const ask = async (column: Column) => cellOf(await answerOf(stage.url, column, requestOf(id, route, subjects)));
        // One backup runs at a time; nothing else here is in another's way.
        found.set(id, id === 'backupMake' ? await oneByOne(stage, columns, ask) : await Promise.all(columns.map(ask)));
      }
      const names = columns.map(({ name }) => name);
      if (writing) writeTable(names, found);
      const expected = readTable();
      expect(expected.get('route')).toEqual(names);
      expect([...expected.keys()].filter((id) => id !== 'route').sort()).toEqual([...found.keys()].sort());
      const unexpected = [...found].flatMap(([id, cells]) =>
        cells.flatMap((cell, index) => {
          const wanted = expected.get(id)?.[index];
          return cell === wanted ? [] : [`${id} by ${names[index]}: ${cell}, expected ${wanted}`];
        }),
      );
      console.log(`${found.size * names.length} cells on ${dialect}, ${unexpected.length} unexpected`);
      expect(unexpected).toEqual([]);
    },
    300_000,
  );

  it('what is foreign answers exactly like what is missing, by token and by session', async () => {
    const strangers = columns.filter(({ name }) => name === 'foreign' || name === 's-foreign');
    let compared = 0;
    for (const [id, route] of table.filter(([, { reach }]) => reach === 'project')) {
      for (const stranger of strangers) {
        const there = requestOf(id, route, subjects);
        const nowhere = requestOf(id, route, missing, 'shoq-dev');
        const [one, other] = [await answerOf(stage.url, stranger, there), await answerOf(stage.url, stranger, nowhere)];
        expect(one.status, id).toBe(other.status);
        expect(blurred(one.body, there), `${id} by ${stranger.name}`).toBe(blurred(other.body, nowhere));
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(60);
    console.log(`${compared} pairs of foreign and missing on ${dialect}`);
  }, 120_000);

  it('lists hold nothing of a foreign project, and all of the own', async () => {
    const [foreign] = columns.filter(({ name }) => name === 'foreign');
    const [local] = columns.filter(({ name }) => name === 'local');
    if (foreign === undefined || local === undefined) throw new Error('there is no such column');
    for (const path of ['/v1/ops', '/v1/public/ops', '/v1/targets', '/v1/health', '/v1/freezes', '/v1/break-glass']) {
      const get = { method: 'GET', path, headers: {} };
      const { status, body } = await answerOf(stage.url, foreign, get);
      expect(status, path).toBe(200);
      expect(body, path).not.toContain('shop-');
      expect(body, path).not.toContain(subjects.opId);
    }
    const get = { method: 'GET', path: '/v1/targets', headers: {} };
    expect((await answerOf(stage.url, foreign, get)).body).toContain('bank-dev');
    expect((await answerOf(stage.url, local, get)).body).not.toContain('bank-dev');
    expect((await answerOf(stage.url, local, { method: 'GET', path: '/v1/ops', headers: {} })).body).toContain(
      subjects.opId,
    );
  });
});

async function oneByOne(stage: Stage, columns: readonly Column[], ask: (column: Column) => Promise<string>) {
  const cells: string[] = [];
  for (const column of columns) {
    await backupsEnded(stage);
    cells.push(await ask(column));
  }
  return cells;
}

async function backupsEnded({ admin }: Stage): Promise<void> {
  await waitUntil('no backup runs', async () => {
    const { backups } = await admin.client.call('backupList');
    return backups.every(({ state }) => state !== 'running');
  });
}

/** A body without what a request named itself, and without what is new in each answer. */
function blurred(body: string, { path, body: sent }: Request): string {
  const names = [...path.split(/[/?=&]/), ...(JSON.stringify(sent ?? {}).match(/[\w-]{8,}/g) ?? [])];
  const known = names.filter((name) => name.length > 7 && !/^(?:repository|artifacts|evidence|confirm)/.test(name));
  return known
    .sort((a, b) => b.length - a.length)
    .reduce((rest, name) => rest.replaceAll(name, '*'), body.replace(/,"request_id":"[^"]*"}$/, ''))
    .replaceAll(/"(duration|plan_id|client_request_id|tree_size|unsequenced)":(?:[\d.e-]+|"[^"]*")/g, '"$1":*');
}
