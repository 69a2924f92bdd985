import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';
import { z } from 'zod';
import type { TestServer } from './open-server.ts';

// Written by every request, or by the clock alone.
const alwaysMoving = /^(audit|audit_tile|checkpoint|kysely.*|migration.*|schema.*|sqlite_.*|token_use)$/;
const Names = z.array(z.looseObject({ name: z.string() }));
const Counts = z.array(z.looseObject({ n: z.coerce.number() }));

async function counted(names: unknown, query: (sql: string) => unknown): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { name } of Names.parse(names)) {
    if (alwaysMoving.test(name)) continue;
    counts[name] = Counts.parse(await query(`select count(*) as n from "${name}"`))[0]?.n ?? -1;
  }
  if (Object.keys(counts).length < 10) throw new Error('too few tables were counted');
  return counts;
}

/** Rows of every table but the audit log's. */
export async function rowCounts({ dataDir, databaseUrl }: TestServer): Promise<Record<string, number>> {
  if (databaseUrl === null) {
    const database = new DatabaseSync(join(dataDir, 'countersign.db'), { readOnly: true });
    try {
      const all = (sql: string): unknown => database.prepare(sql).all();
      return await counted(all("select name from sqlite_master where type = 'table'"), all);
    } finally {
      database.close();
    }
  }
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const all = async (sql: string): Promise<unknown> => (await client.query(sql)).rows;
    return await counted(await all("select tablename as name from pg_tables where schemaname = 'public'"), all);
  } finally {
    await client.end();
  }
}
