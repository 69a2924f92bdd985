import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { admitFirstToken, type EngineContext, hasNoToken, isToken, newTokenText } from '@countersign/engine';
import { writeDurably } from '../keys/write-durably.ts';

const name = 'admin.token';
const candidate = /^admin\.token\.[0-9a-f]{12}\.candidate$/;

/** Puts a candidate in its place; another start may have done so first. */
function settle(from: string, file: string): void {
  try {
    renameSync(from, file);
  } catch (error) {
    if (!existsSync(file)) throw error;
  }
}

/** What earlier starts left: the candidate that was admitted before a kill becomes the token, the others go. */
async function tidy(context: EngineContext, dataDir: string): Promise<void> {
  for (const left of readdirSync(dataDir).filter((entry) => candidate.test(entry))) {
    const path = join(dataDir, left);
    const text = existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
    if (await isToken(context, text)) settle(path, join(dataDir, name));
    else rmSync(path, { force: true });
  }
}

/**
 * The file of the first administrator's token, or null where it was removed. Each start writes a candidate of its own
 * durably before it asks to be the first, so that a kill locks nobody out and starts at the same time leave each other's alone.
 */
export async function firstToken(context: EngineContext, dataDir: string): Promise<string | null> {
  const file = join(dataDir, name);
  if (await hasNoToken(context)) {
    const text = newTokenText();
    const own = join(dataDir, `${name}.${randomBytes(6).toString('hex')}.candidate`);
    context.crash.hit('admin-token:before-write');
    writeDurably(own, `${text}\n`);
    context.crash.hit('admin-token:after-write');
    if (await admitFirstToken(context, text)) settle(own, file);
    else rmSync(own, { force: true });
  } else await tidy(context, dataDir);
  return existsSync(file) ? file : null;
}
