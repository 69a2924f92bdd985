import { describe, expect, it } from 'vitest';
import { checkRequirements, requirementIds } from './check-requirements.ts';

const row = (id: string, state = 'later', test = '') => `| ${id} | ${state} | summary | \`packages/x\` | ${test} |`;
const table = (replace: Record<string, string> = {}) => requirementIds.map((id) => replace[id] ?? row(id)).join('\n');
const files = new Map([['test/a.test.ts', "it('plans (CP-10)', …)"]]);
const wrong = (document: string) => checkRequirements(document, (path) => files.get(path));

it('knows 79 requirements and accepts a table that keeps its word', () => {
  expect(requirementIds).toHaveLength(79);
  expect(wrong(table({ 'CP-10': row('CP-10', 'done', '`test/a.test.ts`') }))).toEqual([]);
});

const planted: [fault: string, document: string, message: string][] = [
  ['an id without a row', table({ 'OA-17': '' }), 'OA-17 has 0 rows instead of one'],
  ['an id with two rows', `${table()}\n${row('DO-3')}`, 'DO-3 has 2 rows instead of one'],
  ['an id that nobody asked for', `${table()}\n${row('CP-16')}`, 'CP-16 is not in the register'],
  [
    'a state of its own',
    table({ 'IP-2': row('IP-2', 'almost') }),
    'IP-2 has the state "almost" instead of done, partial, later',
  ],
  ['done without a test', table({ 'IP-2': row('IP-2', 'done') }), 'IP-2 is marked done and names no test file'],
  [
    'done by a test that does not exist',
    table({ 'IP-2': row('IP-2', 'done', '`test/none.test.ts`') }),
    'IP-2 names test/none.test.ts, which does not exist',
  ],
  [
    'done by a test that cites only a longer id',
    table({ 'CP-1': row('CP-1', 'done', 'test/a.test.ts') }),
    'CP-1 is not cited in test/a.test.ts',
  ],
];

describe('a planted fault is caught', () => {
  it.each(planted)('%s', (_, document, message) => {
    expect(wrong(document)).toEqual([message]);
  });
});
