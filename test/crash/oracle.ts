import { execFileSync } from 'node:child_process';
import type { Client } from '@countersign/client';
import { type AuditBody, type OperationView, uuidOfRunId } from '@countersign/protocol';
import { expect } from 'vitest';
import type { CrashTarget, People } from './installation.ts';
import type { Acknowledged } from './load.ts';
import { judgeEvidence, verifiedAudit } from './proof.ts';

/** What one round came to. */
export interface Judgement {
  readonly operations: number;
  /** Acknowledged proposals, decisions and starts, each found again. */
  readonly acknowledged: number;
  readonly succeeded: number;
  /** Operations that ended otherwise, by error or by the reason of their end. */
  readonly others: Readonly<Record<string, number>>;
  /** Effects counted at the targets, each had once. */
  readonly effects: number;
  readonly auditEntries: number;
}

async function everyOperation(client: Client): Promise<Map<string, OperationView>> {
  const all = new Map<string, OperationView>();
  for (let before: string | undefined; ; ) {
    const query = { limit: 500, ...(before === undefined ? {} : { before }) };
    const { operations } = await client.call('opsList', { query });
    for (const operation of operations) all.set(operation.op_id, operation);
    before = operations.at(-1)?.op_id;
    if (operations.length < 500) return all;
  }
}

/** Commits per idempotency key, counted in the repository itself. */
export function effectsIn(repository: string): Map<string, number> {
  const args = ['-C', repository, 'log', '--all', '--format=%(trailers:key=Countersign-Key,valueonly,separator=%x0A)'];
  const log = execFileSync('git', args, { encoding: 'utf8' });
  const counts = new Map<string, number>();
  for (const key of log.split('\n').filter((line) => line !== '')) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** Answers how many acknowledgements it compared. */
function judgeAcknowledged(all: ReadonlyMap<string, OperationView>, acknowledged: Acknowledged): number {
  const { proposals, decisions, starts, cancels } = acknowledged;
  expect(
    proposals.filter(({ opId }) => !all.has(opId)),
    'lost proposals',
  ).toEqual([]);
  expect(all.size, 'one operation per request id').toBe(proposals.length);
  const held = ({ opId, kind, digest }: Acknowledged['decisions'][number]): boolean =>
    all.get(opId)?.approvals.some((given) => given.kind === kind && given.plan_digest === digest) === true;
  expect(
    decisions.filter((decision) => !held(decision)),
    'lost approvals',
  ).toEqual([]);
  expect(
    starts.filter(({ opId, runId }) => all.get(opId)?.run?.run_id !== runId),
    'lost starts',
  ).toEqual([]);
  const withdrawn = (opId: string): boolean => all.get(opId)?.run === null && all.get(opId)?.state === 'closed';
  expect(
    cancels.filter((opId) => !withdrawn(opId)),
    'lost cancels',
  ).toEqual([]);
  return proposals.length + decisions.length + starts.length + cancels.length;
}

/** Tokens that were made are there, and those that were revoked are revoked. */
async function judgeTokens(admin: Client, acknowledged: Acknowledged): Promise<void> {
  const { tokens } = await admin.call('tokenList');
  const revokedAt = new Map(tokens.map((token) => [token.token_id, token.revoked_at]));
  const lost = [...acknowledged.tokens].filter(
    ([id, known]) => !revokedAt.has(id) || (known === 'revoked' && revokedAt.get(id) === null),
  );
  expect(lost, 'lost tokens').toEqual([]);
}

/** Each step's effect as the target counts it, against what the run says of it. */
function judgeEffects(all: ReadonlyMap<string, OperationView>, targets: readonly CrashTarget[]): number {
  const effects = new Map(targets.flatMap(({ repository }) => [...effectsIn(repository)]));
  const known = new Set<string>();
  for (const { run, op_id: opId } of all.values()) {
    if (run === null) continue;
    for (const step of run.steps) {
      const key = `${uuidOfRunId(run.run_id)}.${step.index}`;
      known.add(key);
      expect(effects.get(key) ?? 0, `${opId} step ${step.index} is ${step.state}`).toBe(
        step.state === 'verified' ? 1 : 0,
      );
    }
    if (run.state === 'succeeded') expect(run.steps.every(({ state }) => state === 'verified')).toBe(true);
  }
  expect(
    [...effects.keys()].filter((key) => !known.has(key)),
    'effects of no run',
  ).toEqual([]);
  return effects.size;
}

const approvalEvents = { dev: null, stage: 'approval.confirmed', prod: 'approval.approved' } as const;

/** Nothing ran that was not planned and countersigned before; fences rise. */
function judgeOrder(all: ReadonlyMap<string, OperationView>, audit: readonly AuditBody[]): void {
  for (const [opId, { target, run, plan, effect }] of all) {
    if (effect === 'read') continue;
    const own = audit.filter(({ subject }) => subject.id === opId);
    const at = (event: string, digest?: string | null): number =>
      own.findIndex((entry) => entry.event === event && (digest === undefined || entry.detail['digest'] === digest));
    expect(own.filter(({ event }) => event === 'operation.proposed').length).toBe(1);
    expect(own.filter(({ event }) => event === 'run.queued').length).toBe(run === null ? 0 : 1);
    const fences = own.flatMap(({ event, detail }) => (event === 'run.started' ? [Number(detail['fence'])] : []));
    expect(fences, `fences of ${opId}`).toEqual([...new Set(fences)].sort((left, right) => left - right));
    const queued = at('run.queued');
    const first = own.findIndex(({ event }) => event === 'run.started' || event === 'step.intent');
    if (queued === -1) expect(first).toBe(-1);
    if (queued === -1 || run === null) continue;
    expect(at('plan.made', plan?.digest)).toBeGreaterThanOrEqual(0);
    expect(at('plan.made', plan?.digest)).toBeLessThan(queued);
    const signed = approvalEvents[target.tier];
    if (signed !== null) expect(at(signed, plan?.digest)).toBeGreaterThanOrEqual(0);
    if (signed !== null) expect(at(signed, plan?.digest)).toBeLessThan(queued);
    if (first !== -1) expect(first).toBeGreaterThan(queued);
  }
}

/** The oracle of every fault: what was acknowledged stands, nothing happened twice, everything ended, all of it proven. */
export async function judge(
  { requester: client, admin }: Pick<People, 'requester' | 'admin'>,
  targets: readonly CrashTarget[],
  acknowledged: Acknowledged,
): Promise<Judgement> {
  const trust = await client.call('trust');
  const all = await everyOperation(client);
  const compared = judgeAcknowledged(all, acknowledged);
  expect(
    [...all.values()].filter(({ state }) => state !== 'closed').map(({ op_id }) => op_id),
    'not ended',
  ).toEqual([]);
  await judgeTokens(admin, acknowledged);
  const effects = judgeEffects(all, targets);
  const ran = [...all.values()].filter(({ run, effect }) => run !== null && effect !== 'read');
  await judgeEvidence(client, ran, trust);
  const audit = await verifiedAudit(client, trust);
  judgeOrder(all, audit);
  const others: Record<string, number> = {};
  for (const { run, plan, closed_reason: reason } of all.values()) {
    if (run?.state === 'succeeded') continue;
    const failure = run?.failure ?? plan?.error;
    const code = failure == null ? (reason ?? 'open') : `${failure.code}: ${failure.message}`;
    others[code] = (others[code] ?? 0) + 1;
  }
  const succeeded = ran.filter(({ run }) => run?.state === 'succeeded').length;
  return { operations: all.size, acknowledged: compared, succeeded, others, effects, auditEntries: audit.length };
}
