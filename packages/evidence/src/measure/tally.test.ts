import { AuditBody, type MeasuresView } from '@countersign/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Tally } from './tally.ts';

// Under mutation every mutant runs this again: fewer histories have to do, the same each time.
const few = process.env['COUNTERSIGN_MUTATION'] !== undefined;
const fresh = few ? 20_261_121 : Math.floor(Math.random() * 2 ** 31);
const seed = Number(process.env['COUNTERSIGN_SEED'] ?? fresh);
const asOf = 10_000_000;

interface History {
  readonly op: number;
  readonly at: number;
  readonly end: 'run.succeeded' | 'run.failed' | 'run.cancelled';
  readonly project: 'shop' | 'blog';
  readonly environment: 'prod' | 'dev';
  readonly effects: number;
  readonly undiffed: number;
  readonly checks: number;
  readonly blocking: number;
  readonly upgrade: boolean;
  readonly dryRun: 'pass' | 'warn' | 'fail' | null;
  readonly told: boolean;
  readonly sealedAfterMs: number | null;
  readonly replay: { mode: 'exact' | 'simulated' | 'none' | null; matches: boolean | null } | null;
  readonly approval: { kind: 'confirmed' | 'approved' | 'rejected'; waitedMs: number } | null;
  readonly doubt: 'person' | 'reconcile' | 'left' | null;
  readonly denied: boolean;
}

const history: fc.Arbitrary<Omit<History, 'op'>> = fc.record({
  at: fc.nat(asOf - 1),
  end: fc.constantFrom('run.succeeded', 'run.failed', 'run.cancelled'),
  project: fc.constantFrom('shop', 'blog'),
  environment: fc.constantFrom('prod', 'dev'),
  effects: fc.nat(2),
  undiffed: fc.nat(1),
  checks: fc.nat(2),
  blocking: fc.nat(1),
  upgrade: fc.boolean(),
  dryRun: fc.constantFrom('pass', 'warn', 'fail', null),
  told: fc.boolean(),
  sealedAfterMs: fc.option(fc.nat(100_000)),
  replay: fc.option(
    fc.record({
      mode: fc.constantFrom('exact', 'simulated', 'none', null),
      matches: fc.constantFrom(true, false, null),
    }),
  ),
  approval: fc.option(
    fc.record({ kind: fc.constantFrom('confirmed', 'approved', 'rejected'), waitedMs: fc.nat(90_000) }),
  ),
  doubt: fc.constantFrom('person', 'reconcile', 'left', null),
  denied: fc.boolean(),
});

const idOf = (op: number): string => `019ab000-0000-7000-8000-${String(op).padStart(12, '0')}`;
let entries = 0;

function entry(op: number, at: number, event: string, outcome: AuditBody['outcome'], detail: AuditBody['detail']) {
  entries += 1;
  return AuditBody.parse({
    schema: 'countersign.audit.v1',
    entry_id: idOf(entries),
    at,
    event,
    actor: { principal: 'ada', root: 'ada', ai: false },
    subject: { kind: 'operation', id: idOf(op) },
    outcome,
    correlation_id: 'c',
    detail,
  });
}

function logOf(each: History): AuditBody[] {
  const { op, at, project, environment } = each;
  const place = { project, environment, tier: environment };
  const facts = {
    steps: 2,
    effects: each.effects,
    diffs: 2 - each.undiffed,
    undiffed: each.undiffed,
    checks: each.checks,
    blocking: each.blocking,
    upgrade: each.upgrade,
    dry_run: each.dryRun,
  };
  const log: AuditBody[] = [entry(op, at, 'run.started', 'ok', { run_id: 'r', ...place })];
  if (each.denied) log.push(entry(op, at, 'operation.denied', 'refused', place));
  if (each.approval !== null) {
    const { kind, waitedMs } = each.approval;
    log.push(entry(op, at, `approval.${kind}`, 'ok', { ...place, waited_ms: waitedMs }));
  }
  if (each.doubt !== null) {
    log.push(entry(op, at, 'run.outcome_unknown', 'unknown', place));
    if (each.doubt === 'person') log.push(entry(op, at, 'run.resolved', 'ok', place));
    log.push(entry(op, at, 'run.reconciled', each.doubt === 'reconcile' ? 'ok' : 'unknown', place));
  }
  log.push(entry(op, at, each.end, 'ok', { ...place, ...(each.told ? facts : {}) }));
  if (each.sealedAfterMs !== null) log.push(entry(op, at + each.sealedAfterMs, 'evidence.sealed', 'ok', {}));
  if (each.replay !== null) log.push(entry(op, at, 'evidence.replayed', 'ok', { ...place, ...each.replay }));
  return log;
}

type Case = [operation: string, hit: boolean];

/** The same questions asked once more of the histories themselves, one question at a time. */
function recount(
  all: readonly History[],
  query: { from?: number; to?: number; project?: string; environment?: string },
) {
  const inside = all.filter(
    ({ at, project, environment }) =>
      at >= (query.from ?? 0) &&
      at < (query.to ?? Number.POSITIVE_INFINITY) &&
      project === (query.project ?? project) &&
      environment === (query.environment ?? environment),
  );
  const executed = inside.filter(({ told, effects }) => !told || effects > 0);
  const unseen = ({ told, undiffed }: History): boolean => !told || undiffed > 0;
  const of = (some: readonly History[], hit: (each: History) => boolean): Case[] =>
    some.map((each) => [idOf(each.op), hit(each)]);
  const settled = executed.filter(({ sealedAfterMs, at }) => sealedAfterMs !== null || asOf - at >= 60_000);
  const upgrades = executed.filter(({ told, upgrade }) => told && upgrade);
  const tried = upgrades.filter(({ dryRun }) => dryRun === 'pass');
  const ok = ({ end }: History): boolean => end === 'run.succeeded';
  const replays = inside.filter(({ replay }) => replay !== null && replay.mode !== 'none');
  return {
    inside,
    executed,
    sealing: executed.length - settled.length,
    cases: {
      prod_changes_without_diff: of(
        executed.filter(({ told, environment }) => !told || environment === 'prod'),
        unseen,
      ),
      changes_without_diff: of(executed, unseen),
      operations_with_evidence: of(settled, ({ sealedAfterMs }) => sealedAfterMs !== null),
      preflight_passed: of(executed, ({ told, checks, blocking }) => told && checks > 0 && blocking === 0),
      replays_equal: of(replays, ({ replay }) => replay?.matches === true),
      upgrades_with_dry_run: of(upgrades, ({ dryRun }) => dryRun === 'pass'),
      upgrades_ok_with_dry_run: of(tried, ok),
      upgrades_ok_without_dry_run: of(
        upgrades.filter(({ dryRun }) => dryRun !== 'pass'),
        ok,
      ),
    } satisfies Record<string, Case[]>,
  };
}

function expectMeasures(view: MeasuresView, cases: Readonly<Record<string, Case[]>>): void {
  for (const measure of view.measures) {
    const own = cases[measure.id] ?? [];
    const numerator = own.filter(([, hit]) => hit).length;
    expect([measure.id, measure.numerator, measure.denominator]).toEqual([measure.id, numerator, own.length]);
    expect(measure.ratio).toBe(own.length === 0 ? null : numerator / own.length);
    if (measure.wanted === null) {
      expect([measure.met, measure.offender_count, measure.offenders]).toEqual([null, 0, []]);
      continue;
    }
    const offenders = own.filter(([, hit]) => hit !== (measure.wanted === 'all')).map(([id]) => id);
    expect(measure.offender_count).toBe(offenders.length);
    expect([...measure.offenders].sort()).toEqual([...offenders].sort());
    expect(measure.met).toBe(own.length === 0 ? null : offenders.length === 0);
  }
}

it(`agrees with a naive recount over random histories (CP-8, COUNTERSIGN_SEED=${seed})`, () => {
  let measured = 0;
  fc.assert(
    fc.property(
      fc.array(history, { maxLength: 60, size: 'max' }),
      fc.record(
        {
          from: fc.nat(asOf / 2),
          to: fc.integer({ min: asOf / 2, max: asOf }),
          project: fc.constantFrom('shop', 'blog', 'nobody'),
          environment: fc.constantFrom('prod', 'dev'),
        },
        { requiredKeys: [] },
      ),
      (some, query) => {
        const all = some.map((each, op): History => ({ ...each, op }));
        const log = all.flatMap(logOf).sort((left, right) => left.at - right.at);
        const tally = new Tally(query);
        for (const body of log) tally.add(body);
        const view = tally.view(asOf);
        const { inside, executed, sealing, cases } = recount(all, query);
        expectMeasures(view, cases);
        measured += executed.length;
        expect(view.sealing).toBe(sealing);
        expect(view.untold).toBe(inside.filter(({ told }) => !told).length);
        expect(view.denied).toBe(inside.filter(({ denied }) => denied).length);
        for (const state of ['succeeded', 'failed', 'cancelled'] as const) {
          expect(view.outcomes[state]).toBe(executed.filter(({ end }) => end === `run.${state}`).length);
        }
        expect(view.unknown).toEqual({
          left: inside.filter(({ doubt }) => doubt !== null).length,
          by_person: inside.filter(({ doubt }) => doubt === 'person').length,
          by_reconcile: inside.filter(({ doubt }) => doubt === 'reconcile').length,
        });
        const waits = inside.flatMap(({ approval }) =>
          approval === null || approval.kind === 'rejected' ? [] : [approval.waitedMs],
        );
        const atMost = (limit: number): number => waits.filter((wait) => wait <= limit).length / waits.length;
        if (waits.length === 0) expect(view.approval_wait_ms).toBeNull();
        else {
          expect(atMost(view.approval_wait_ms?.p50 ?? -1)).toBeGreaterThanOrEqual(0.5);
          expect(atMost((view.approval_wait_ms?.p50 ?? 0) - 1)).toBeLessThan(0.5);
          expect(atMost(view.approval_wait_ms?.p95 ?? -1)).toBeGreaterThanOrEqual(0.95);
          expect(atMost((view.approval_wait_ms?.p95 ?? 0) - 1)).toBeLessThan(0.95);
        }
      },
    ),
    { seed, numRuns: few ? 25 : 500 },
  );
  expect(measured).toBeGreaterThan(few ? 50 : 1000);
});

it('of an empty log has no ratio and meets nothing: no made-up 100 % (CP-8)', () => {
  for (const measure of new Tally().view(0).measures) {
    expect(measure).toMatchObject({ numerator: 0, denominator: 0, ratio: null, met: null });
  }
});

it('names the first hundred offenders and counts them all (CP-8)', () => {
  const tally = new Tally();
  for (let op = 0; op < 250; op += 1) tally.add(entry(op, op, 'run.succeeded', 'ok', {}));
  const [prod] = tally.view(asOf).measures;
  expect(prod).toMatchObject({ id: 'prod_changes_without_diff', numerator: 250, met: false, offender_count: 250 });
  expect(prod?.offenders).toEqual(Array.from({ length: 100 }, (_, op) => idOf(op)));
});
