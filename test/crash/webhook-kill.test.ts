import { createServer } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CloudEvent } from '@countersign/protocol';
import { waitUntil } from '@countersign/testing';
import { expect, it } from 'vitest';
import { bundledEntry } from './bundled.ts';
import { makeInstallation, type People } from './installation.ts';
import { verifiedAudit } from './proof.ts';

const kills = Number(process.env['COUNTERSIGN_WEBHOOK_KILLS'] ?? '3');

/** A receiver in which each event may be held: read to its end, answered by nobody. */
async function startReceiver() {
  const seen: string[] = [];
  const taken: string[] = [];
  let onArrival: ((id: string) => void) | null = null;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { id } = CloudEvent.parse(JSON.parse(body));
    seen.push(id);
    if (onArrival !== null) return onArrival(id);
    taken.push(id);
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}/hook`,
    seen,
    taken,
    /** Resolves with the next event that comes; neither it nor any after it is answered, until `answer`. */
    hold: () =>
      new Promise<string>((resolve) => {
        onArrival = resolve;
      }),
    answer: () => {
      onArrival = null;
    },
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Names of the tokens that this test makes. */
const isOurs = /^(before|kill-\d+|after)-/;

const makeTokens = async ({ admin }: People, name: string): Promise<void> => {
  for (const part of ['a', 'b', 'c'])
    await admin.call('tokenCreate', { body: { name: `${name}-${part}`, kind: 'service', role: 'viewer' } });
};
const hookOf = async ({ admin }: People) => (await admin.call('webhookList')).webhooks[0];

it('a server that is killed in the middle of a delivery delivers again after its restart: nothing is lost, and the cursor says so (DO-17)', async () => {
  using receiver = await startReceiver();
  const settings = [
    'outbound: { allow: [127.0.0.1] }',
    `webhooks: [{ name: hook, url: "${receiver.url}", events: [token.created], secret_env: HOOK_SECRET }]`,
    '',
  ].join('\n');
  await using installation = await makeInstallation({ targets: 1, entry: await bundledEntry(), settings });
  const start = { worker: false, env: { HOOK_SECRET: 'a secret of the test only' } };
  let server = await installation.serve(start);
  const people = await installation.enrol();
  await waitUntil('the webhook begins', async () => ((await hookOf(people))?.cursor ?? 0) > 0);
  await makeTokens(people, 'before');
  await waitUntil('what comes is delivered', () => receiver.taken.length >= 3);
  const heldIds: string[] = [];
  for (let kill = 0; kill < kills; kill += 1) {
    const held = receiver.hold();
    await makeTokens(people, `kill-${kill}`);
    const id = await held;
    heldIds.push(id);
    await server.kill();
    receiver.answer();
    // Who died held the webhook for a while: as if that were over.
    const database = new DatabaseSync(join(installation.dataDir, 'countersign.db'));
    database.exec('update webhook set held_until = 0');
    database.close();
    server = await installation.serve(start);
    await waitUntil('it is sent again', () => receiver.taken.includes(id), { timeoutMs: 60_000 });
  }
  await makeTokens(people, 'after');
  const log = async () => await verifiedAudit(people.admin, await people.admin.call('trust'));
  const made = (await log()).filter(
    ({ event, detail }) => event === 'token.created' && isOurs.test(String(detail['name'])),
  );
  expect(made).toHaveLength(3 * (kills + 2));
  const ids = made.map(({ entry_id: id }) => id);
  await waitUntil('all of it is delivered', () => ids.every((id) => receiver.taken.includes(id)), {
    timeoutMs: 60_000,
  });
  const taken = receiver.taken.filter((id) => ids.includes(id));
  expect(taken, 'in the order of the log, each taken once').toEqual(ids);
  for (const id of heldIds) expect(receiver.seen.filter((each) => each === id).length, 'sent again').toBe(2);
  const last = (await log()).findIndex(({ entry_id: id }) => id === ids.at(-1));
  await waitUntil('the cursor is behind the last', async () => (await hookOf(people))?.cursor === last + 1);
  expect(await hookOf(people)).toMatchObject({ state: 'ok', dead_letter_count: 0, attempts: 0 });
}, 600_000);
