import { approvedIdOf, draftIdOf, runIdOf, ulidOf } from '@countersign/protocol';
import type { Client } from '@modelcontextprotocol/client';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunningMcp } from '../../../apps/mcp/src/index.ts';
import { describeServer, type Stage } from '../harness/describe-server.ts';
import { confirm, propose, runToEnd, show, writeFiles } from '../harness/flow.ts';
import type { Bearer } from '../harness/open-server.ts';
import { openClient, startBridge, type Transport } from './mcp-client.ts';

const count = Number(process.env['COUNTERSIGN_MCP_IDS'] ?? '200');
const seed = Number(process.env['COUNTERSIGN_MCP_SEED'] ?? '20260728');
const canary = 'canary-of-what-nobody-approved';
const limits = { read: { per_minute: 1_000_000 }, write: { per_minute: 1_000_000 } };

/** What there is: one change that the agent may see and that was approved, and much that it may not have. */
interface Known {
  readonly approved: string;
  readonly run: string;
  readonly bundle: string;
  /** Operations whose content is the canary. */
  readonly hidden: readonly { readonly op: string; readonly bundle: string }[];
}

async function known(stage: Stage, agent: Bearer): Promise<Known> {
  const { alice } = stage;
  const secret = { 'hidden.txt': `${canary}\n` };
  const own = await propose(agent.client, writeFiles('dev', { 'seen.txt': 'seen\n' }));
  await show(alice.client, own.op_id);
  await confirm(alice.client, own);
  const ended = await runToEnd(alice.client, await show(alice.client, own.op_id));
  const draft = await propose(agent.client, writeFiles('dev', secret, canary));
  const rejected = await propose(agent.client, writeFiles('dev', secret, canary));
  await stage.bob.client.call('opsReject', { params: { op_id: rejected.op_id }, body: { reason: 'no' } });
  const foreignDraft = await propose(alice.client, writeFiles('prod', secret, canary));
  const foreign = await propose(alice.client, writeFiles('stage', secret, canary));
  await show(alice.client, foreign.op_id);
  await confirm(alice.client, foreign);
  const hidden = [draft, rejected, foreignDraft, foreign].map(({ op_id, bundle_id }) => ({
    op: op_id,
    bundle: bundle_id,
  }));
  return { approved: approvedIdOf(own.op_id), run: ended.run?.run_id ?? '', bundle: own.bundle_id, hidden };
}

const unknownUuid = fc.uuid({ version: 7 });

/** Ids of every kind and spelling: what is there, what never was, and what only looks like one. */
function ids({ approved, run, bundle, hidden }: Known): fc.Arbitrary<string> {
  const uuid = fc.oneof(
    unknownUuid,
    ...hidden.flatMap(({ op, bundle: of }) => [fc.constant(op), fc.constant(of)]),
    fc.constant(bundle),
  );
  const spelled = uuid.chain((id) =>
    fc.constantFrom(id, id.toUpperCase(), draftIdOf(id), approvedIdOf(id), runIdOf(id), ulidOf(id)),
  );
  const there = fc.constantFrom(approved, run, bundle, approved.replace('a_', 'd_'), approved.replace('a_', 'r_'));
  const broken = fc
    .oneof(spelled, there)
    .chain((id) =>
      fc.constantFrom(
        id.toLowerCase(),
        ` ${id}`,
        `${id} `,
        `${id}\n`,
        id.slice(0, -1),
        `${id}0`,
        `${id}%00`,
        `${id}#a`,
        `${id}?a`,
      ),
    );
  return fc.oneof(
    { weight: 6, arbitrary: spelled },
    { weight: 2, arbitrary: there },
    { weight: 2, arbitrary: broken },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  );
}

/** Every way in by which an id can be asked about. */
const doors = {
  approved: (client: Client, id: string) => client.readResource({ uri: `ops://approved/${id}` }),
  runs: (client: Client, id: string) => client.readResource({ uri: `ops://runs/${id}` }),
  orch: (client: Client, id: string) => client.getPrompt({ name: 'orch_dispatch', arguments: { approved_id: id } }),
  sub: (client: Client, id: string) =>
    client.getPrompt({ name: 'sub_dispatch', arguments: { approved_id: id, agent: 'robo' } }),
  editp: (client: Client, id: string) =>
    client.getPrompt({ name: 'editp_dispatch', arguments: { approved_id: id, file: 'a.txt' } }),
  start: (client: Client, id: string) =>
    client.callTool({ name: 'create_run', arguments: { approved_id: id, idempotency_key: 'k' } }),
  status: (client: Client, id: string) => client.callTool({ name: 'get_run_status', arguments: { run_id: id } }),
  evidence: (client: Client, id: string) => client.callTool({ name: 'get_evidence', arguments: { bundle_id: id } }),
  verify: (client: Client, id: string) => client.callTool({ name: 'verify_evidence', arguments: { bundle_id: id } }),
} as const;
const doorNames = ['approved', 'runs', 'orch', 'sub', 'editp', 'start', 'status', 'evidence', 'verify'] as const;
type Door = (typeof doorNames)[number];

/** What each door may answer about, and nothing else. */
function allowed({ approved, run, bundle }: Known, door: Door): string {
  if (door === 'runs' || door === 'status') return run;
  return door === 'evidence' || door === 'verify' ? bundle : approved;
}

const transports = ['http', 'stdio'] as const;
const isPlainId = (id: string): boolean => /^[\w-]+$/.test(id);

describeServer('ids of every kind and spelling', { config: { limits } }, (stage) => {
  let bridge: RunningMcp;
  let clients: Readonly<Record<Transport, Client>>;
  let there: Known;
  beforeAll(async () => {
    const grants = [{ role: 'actions' as const, project: 'shop', environment: 'dev' }];
    const agent = await stage().bearer({ name: 'robo', kind: 'agent', grants }, stage().alice.client);
    there = await known(stage(), agent);
    bridge = await startBridge(stage().url);
    const place = { server: stage().url, bridge: bridge.url, token: agent.token };
    clients = {
      http: await openClient('http', 'modern', place),
      stdio: await openClient('stdio', 'modern', place),
    };
  });
  afterAll(async () => {
    await Promise.all(transports.map((transport) => clients?.[transport].close()));
    await bridge.stop();
  });

  it.each(transports)(
    `%s: ${count} of them, seed ${seed}: only approved content ever answers, everything else in the same words (OR-7)`,
    async (transport) => {
      const client = clients[transport];
      const asked = fc.sample(fc.tuple(ids(there), fc.constantFrom(...doorNames)), { numRuns: count, seed });
      const sure = doorNames.map((door) => [allowed(there, door), door] as const);
      let answered = 0;
      const words = new Set<string>();
      await Promise.all(
        [...sure, ...asked].map(async ([id, door]) => {
          const [answer] = await Promise.allSettled([doors[door](client, id)]);
          if (answer.status === 'fulfilled') {
            answered += 1;
            const text = JSON.stringify(answer.value);
            expect(text).not.toContain(canary);
            // `start` says that the run was started before, under another key.
            if (door !== 'start') expect(`${door} ${id}: ${text}`).toContain(allowed(there, door));
            expect(isPlainId(id) ? id : allowed(there, door)).toBe(allowed(there, door));
            return;
          }
          const { code, message } = Object(answer.reason);
          expect(`${door} ${JSON.stringify(id)}: ${code} ${message}`).toContain(' -32602 ');
          expect(String(message)).not.toContain(canary);
          if (isPlainId(id)) words.add(String(message).replaceAll(id, '…'));
        }),
      );
      expect(answered).toBeGreaterThanOrEqual(doorNames.length);
      expect([...words]).toHaveLength(1);
    },
  );

  it('completion knows of what was approved alone', async () => {
    const waiting = await propose(stage().alice.client, writeFiles('dev', { 'waits.txt': 'w\n' }));
    await stage().alice.client.call('opsGet', { params: { op_id: waiting.op_id } });
    const complete = async (value: string) => {
      const ref = { type: 'ref/prompt', name: 'orch_dispatch' } as const;
      return (await clients.http.complete({ ref, argument: { name: 'approved_id', value } })).completion.values;
    };
    const all = await complete('');
    const hidden = there.hidden.flatMap(({ op }) => [approvedIdOf(op), draftIdOf(op)]);
    expect(all.filter((id) => hidden.includes(id))).toEqual([]);
    for (const id of hidden) expect(await complete(id.slice(0, -1))).toEqual([]);
  });

  it('how long a refusal takes does not tell a draft, a foreign id and an unknown one apart (OR-7)', async () => {
    const [draft, , , foreign] = there.hidden.map(({ op }) => op);
    const kinds = {
      draft: approvedIdOf(draft ?? ''),
      foreign: approvedIdOf(foreign ?? ''),
      unknown: 'a_01ARZ3NDEKTSV4RRFFQ69G5FAV',
      spelledDraft: draftIdOf(draft ?? ''),
    };
    const took = new Map<string, number[]>();
    for (let round = 0; round < 12; round += 1) {
      for (const [kind, id] of Object.entries(kinds)) {
        const startedAt = performance.now();
        await expect(doors.orch(clients.http, id)).rejects.toMatchObject({ code: -32_602 });
        took.set(kind, [...(took.get(kind) ?? []), performance.now() - startedAt]);
      }
    }
    // The least of many is what a patient listener hears; how long a busy machine took beside it says nothing.
    const least = [...took.values()].map((times) => Math.min(...times));
    console.log('least refusal, ms', Object.keys(kinds), least.map(Math.round));
    expect(Math.min(...least)).toBeGreaterThanOrEqual(49);
    expect(Math.max(...least) - Math.min(...least)).toBeLessThan(40);
  });
});
