/** How many requirements each source document has: ids run from 1. */
const register = { CP: 15, DO: 21, IP: 15, OR: 11, OA: 17 } as const;

const states = ['done', 'partial', 'later'];

/** Every id that needs a row. */
export const requirementIds: readonly string[] = Object.entries(register).flatMap(([source, count]) =>
  Array.from({ length: count }, (_, index) => `${source}-${index + 1}`),
);

interface Row {
  readonly id: string;
  readonly state: string;
  readonly tests: readonly string[];
}

/**
 * Reads the table `| id | state | summary | where | test |` and returns what is wrong with it: ids without a row or with
 * two, unknown states, and ids marked done that the test files of their row do not cite. `readText` answers undefined
 * for a file that does not exist.
 */
export function checkRequirements(document: string, readText: (path: string) => string | undefined): string[] {
  const rows = document.split('\n').flatMap(readRow);
  const count = (id: string) => rows.filter((row) => row.id === id).length;
  return [
    ...requirementIds.filter((id) => count(id) !== 1).map((id) => `${id} has ${count(id)} rows instead of one`),
    ...rows.flatMap((row) => checkRow(row, readText)),
  ];
}

function readRow(line: string): Row[] {
  const [, id = '', state = '', , , test = ''] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
  if (!/^[A-Z]{2}-\d+$/.test(id)) return [];
  return [{ id, state, tests: test.match(/[\w./-]+\.test\.tsx?/g) ?? [] }];
}

function checkRow({ id, state, tests }: Row, readText: (path: string) => string | undefined): string[] {
  if (!requirementIds.includes(id)) return [`${id} is not in the register`];
  if (!states.includes(state)) return [`${id} has the state "${state}" instead of ${states.join(', ')}`];
  if (state !== 'done') return [];
  if (tests.length === 0) return [`${id} is marked done and names no test file`];
  return tests.flatMap((path) => {
    const text = readText(path);
    if (text === undefined) return [`${id} names ${path}, which does not exist`];
    return new RegExp(`\\b${id}\\b`).test(text) ? [] : [`${id} is not cited in ${path}`];
  });
}
