import { afterAll, beforeAll, describe } from 'vitest';
import { type Bearer, type OpenOptions, openServer, type TestServer } from './open-server.ts';

/** The people of a test: who proposes, who approves, who only looks. */
export interface People {
  readonly alice: Bearer;
  readonly bob: Bearer;
  readonly vera: Bearer;
}

/** A server with its people. */
export type Stage = TestServer & People;

/** Makes alice (actions), bob (approver) and vera (viewer). */
export async function withPeople(server: TestServer): Promise<Stage> {
  const [alice, bob, vera] = await Promise.all([
    server.bearer({ name: 'alice', kind: 'person', role: 'actions' }),
    server.bearer({ name: 'bob', kind: 'person', role: 'approver' }),
    server.bearer({ name: 'vera', kind: 'person', role: 'viewer' }),
  ]);
  return { ...server, alice, bob, vera };
}

/** Runs a suite against one server on SQLite and one on Postgres. */
export function describeServer(name: string, options: OpenOptions, suite: (stage: () => Stage) => void): void {
  describe.each(['sqlite', 'postgres'] as const)(`${name} [%s]`, (dialect) => {
    let opened: Stage | null = null;
    beforeAll(async () => {
      opened = await withPeople(await openServer(dialect, options));
    });
    afterAll(() => opened?.close());
    suite(() => {
      if (opened === null) throw new Error('the server is not open');
      return opened;
    });
  });
}
