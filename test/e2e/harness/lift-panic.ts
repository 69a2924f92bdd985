import { readFile } from 'node:fs/promises';
import type { Client } from '@countersign/client';

/** Proves afresh who holds an administrator's token, by the host, unless that is fresh; then lifts panic mode. */
export async function liftPanic(client: Client, reason: string): Promise<void> {
  const { fresh_until: until } = await client.call('stepUpGet');
  if (until === null || until < Date.now() + 30_000) {
    const { file } = await client.call('stepUpHost', { body: {} });
    const code = (await readFile(file, 'utf8')).trim();
    await client.call('stepUp', { body: { method: 'host', code } });
  }
  await client.call('panicSet', { body: { on: false, reason } });
}
