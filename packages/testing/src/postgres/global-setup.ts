import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { TestProject } from 'vitest/node';
import { type PostgresServer, startPostgres } from './start-postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    postgresBroker: string;
  }
}

/**
 * vitest's globalSetup: one Postgres for the whole run, started when a test first asks for a database. The test
 * workers ask over loopback HTTP, because the server must outlive each of them.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let started: Promise<PostgresServer> | undefined;
  const answer = async (request: IncomingMessage): Promise<string> => {
    started ??= startPostgres();
    const postgres = await started;
    if (request.method === 'POST') return postgres.createDatabase();
    await postgres.dropDatabase(await text(request));
    return '';
  };
  const broker = createServer((request, response) => {
    answer(request).then(
      (body) => response.end(body),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
    );
  });
  await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', resolve));
  const address = broker.address();
  if (typeof address !== 'object' || !address) throw new Error('The Postgres broker has no port.');
  project.provide('postgresBroker', `http://127.0.0.1:${address.port}`);
  return async () => {
    broker.close();
    broker.closeAllConnections();
    // A server that failed to start has already failed the tests that asked for it.
    const postgres = await started?.catch(() => undefined);
    await postgres?.stop();
  };
}
