import { AuditBody, type MeasuresQuery, type MeasuresView, measureIds } from '@countersign/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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

describe('one entry after the other', () => {
  const place = { project: 'shop', environment: 'live', tier: 'prod' } as const;
  const facts = {
    ...place,
    steps: 1,
    effects: 1,
    diffs: 1,
    undiffed: 0,
    checks: 1,
    blocking: 0,
    upgrade: false,
    dry_run: null,
  };
  const end = (detail: AuditBody['detail'], op = 1, at = 0, event = 'run.succeeded') =>
    entry(op, at, event, 'ok', detail);
  const viewOf = (bodies: readonly AuditBody[], query: MeasuresQuery = {}, at = asOf) => {
    const tally = new Tally(query);
    for (const body of bodies) tally.add(body);
    return tally.view(at);
  };
  const measure = (id: string, bodies: readonly AuditBody[], query: MeasuresQuery = {}) => {
    const found = viewOf(bodies, query).measures.find((each) => each.id === id);
    return [found?.numerator, found?.denominator];
  };

  it('of nothing is all zero, and says what was asked', () => {
    const zero = { numerator: 0, denominator: 0, ratio: null, met: null, offenders: [], offender_count: 0 };
    const wanted = { replays_equal: 'all', operations_with_evidence: 'all', preflight_passed: 'all' } as const;
    const none = { prod_changes_without_diff: 'none', changes_without_diff: 'none' } as const;
    const all: Readonly<Record<string, string>> = { ...wanted, ...none };
    const query = { from: 1, to: 2, project: 'shop', environment: 'live' };
    expect(viewOf([], query)).toEqual({
      schema: 'countersign.measures.v1',
      ...query,
      entries: 0,
      measures: Object.entries(measureIds).map(([id, summary]) => ({ id, summary, ...zero, wanted: all[id] ?? null })),
      outcomes: { succeeded: 0, failed: 0, cancelled: 0 },
      sealing: 0,
      untold: 0,
      approvals: { confirmed: 0, approved: 0, rejected: 0 },
      approval_wait_ms: null,
      denied: 0,
      unknown: { left: 0, by_person: 0, by_reconcile: 0 },
    });
    expect(viewOf([])).toMatchObject({ from: null, to: null, project: null, environment: null });
  });

  it('counts the entries that it knows and no others (CP-8)', () => {
    const known = [
      'run.succeeded',
      'run.failed',
      'run.cancelled',
      'approval.confirmed',
      'approval.approved',
      'approval.rejected',
      'evidence.replayed',
      'operation.denied',
      'run.outcome_unknown',
      'run.resolved',
      'run.reconciled',
    ];
    const bodies = (events: readonly string[]) => events.map((event, op) => end({}, op, 0, event));
    const view = viewOf(bodies(known));
    expect(view.entries).toBe(known.length);
    expect(view.outcomes).toEqual({ succeeded: 1, failed: 1, cancelled: 1 });
    expect(view.approvals).toEqual({ confirmed: 1, approved: 1, rejected: 1 });
    expect(view.unknown).toEqual({ left: 1, by_person: 1, by_reconcile: 1 });
    expect(view).toMatchObject({ denied: 1, untold: 3 });
    for (const event of known) expect(viewOf(bodies([event])).entries).toBe(1);
    expect(viewOf(bodies(['run.started', 'operation.proposed', 'evidence.sealed'])).entries).toBe(0);
    const unclear = viewOf([entry(1, 0, 'run.reconciled', 'unknown', {})]);
    expect([unclear.entries, unclear.unknown.by_reconcile]).toEqual([1, 0]);
  });

  it('belongs to the span from its first moment up to its end (CP-8)', () => {
    const bodies = [9, 10, 19, 20].map((at, op) => end(facts, op, at));
    const counted = (query: MeasuresQuery) => viewOf(bodies, query).entries;
    expect(counted({ from: 10 })).toBe(3);
    expect(counted({ to: 20 })).toBe(3);
    expect(counted({ from: 10, to: 20 })).toBe(2);
  });

  it('belongs to its own place, and to none where it names none (CP-8)', () => {
    const bodies = [facts, { ...facts, project: 'blog' }, { ...facts, environment: 'test' }, {}].map((each, op) =>
      end(each, op),
    );
    const counted = (query: MeasuresQuery) => viewOf(bodies, query).entries;
    expect(counted({})).toBe(4);
    expect(counted({ project: 'shop' })).toBe(2);
    expect(counted({ environment: 'live' })).toBe(2);
    expect(counted({ project: 'shop', environment: 'live' })).toBe(1);
    expect(counted({ project: 'blog', environment: 'test' })).toBe(0);
  });

  it('tells how long approvals were waited for, but not rejections (CP-8)', () => {
    const waits = (ms: readonly unknown[], event = 'approval.approved') =>
      viewOf(ms.map((waited_ms, op) => entry(op, 0, event, 'ok', AuditBody.shape.detail.parse({ waited_ms }))));
    expect(waits([1]).approval_wait_ms).toEqual({ p50: 1, p95: 1 });
    expect(waits([30, 4, 100, 20]).approval_wait_ms).toEqual({ p50: 20, p95: 100 });
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(waits(hundred).approval_wait_ms).toEqual({ p50: 50, p95: 95 });
    expect(waits([7], 'approval.confirmed').approval_wait_ms).toEqual({ p50: 7, p95: 7 });
    expect(waits([7], 'approval.rejected').approval_wait_ms).toBeNull();
    expect(waits(['7', null]).approval_wait_ms).toBeNull();
  });

  it('replayed counts where there was something to replay (CP-8)', () => {
    const replay = (detail: AuditBody['detail']) => entry(1, 0, 'evidence.replayed', 'ok', detail);
    const of = (detail: AuditBody['detail']) => measure('replays_equal', [replay(detail)]);
    expect(of({ mode: 'exact', matches: true })).toEqual([1, 1]);
    expect(of({ mode: 'exact', matches: false })).toEqual([0, 1]);
    expect(of({ mode: 'exact', matches: 'true' })).toEqual([0, 1]);
    expect(of({ mode: 'none', matches: true })).toEqual([0, 0]);
  });

  it('that executed nothing is no change; what it does not tell is not taken for good (CP-8)', () => {
    expect(viewOf([end({ ...facts, effects: 0 })])).toMatchObject({
      entries: 1,
      untold: 0,
      outcomes: { succeeded: 0 },
    });
    expect(measure('changes_without_diff', [end({})])).toEqual([1, 1]);
    expect(measure('prod_changes_without_diff', [end({})])).toEqual([1, 1]);
    expect(measure('preflight_passed', [end({})])).toEqual([0, 1]);
    expect(measure('operations_with_evidence', [end({})])).toEqual([0, 1]);
    expect(measure('upgrades_with_dry_run', [end({})])).toEqual([0, 0]);
  });

  it('shows no diff where a step shows none, or none is there at all (CP-8)', () => {
    const of = (change: object) => measure('changes_without_diff', [end({ ...facts, ...change })]);
    expect(of({})).toEqual([0, 1]);
    expect(of({ undiffed: 1 })).toEqual([1, 1]);
    expect(of({ diffs: 0 })).toEqual([1, 1]);
    const tier = (name: string) => measure('prod_changes_without_diff', [end({ ...facts, tier: name, undiffed: 1 })]);
    expect([tier('prod'), tier('dev')]).toEqual([
      [1, 1],
      [0, 0],
    ]);
  });

  it('passed preflight where checks were made and none forbade it (CP-8)', () => {
    const of = (change: object) => measure('preflight_passed', [end({ ...facts, ...change })]);
    expect(of({})).toEqual([1, 1]);
    expect(of({ checks: 0 })).toEqual([0, 1]);
    expect(of({ blocking: 1 })).toEqual([0, 1]);
  });

  it('that upgrades is told apart by its dry run, and by how it ended (CP-8)', () => {
    const of = (dry_run: 'pass' | 'warn' | null, event = 'run.succeeded') => {
      const bodies = [end({ ...facts, upgrade: true, dry_run }, 1, 0, event)];
      const ids = ['upgrades_with_dry_run', 'upgrades_ok_with_dry_run', 'upgrades_ok_without_dry_run'];
      return ids.map((id) => measure(id, bodies).join('/'));
    };
    expect(of('pass')).toEqual(['1/1', '1/1', '0/0']);
    expect(of('pass', 'run.failed')).toEqual(['1/1', '0/1', '0/0']);
    expect(of('warn')).toEqual(['0/1', '0/0', '1/1']);
    expect(of(null, 'run.cancelled')).toEqual(['0/1', '0/0', '0/1']);
  });

  it('may be sealed for a minute after its end, and by other means than the log (CP-8)', () => {
    const at = (asked: number) => {
      const view = viewOf([end(facts, 1, 1000)], {}, asked);
      const evidence = view.measures.find(({ id }) => id === 'operations_with_evidence');
      return [view.sealing, evidence?.denominator];
    };
    expect(at(60_999)).toEqual([1, 0]);
    expect(at(61_000)).toEqual([0, 1]);
    const tally = new Tally();
    for (const op of [1, 2, 3]) tally.add(end(facts, op));
    tally.sealed(idOf(2));
    tally.sealed(idOf(9));
    tally.add(entry(3, 5, 'evidence.sealed', 'ok', {}));
    expect(tally.unsealed()).toEqual([idOf(1)]);
    const evidence = () => tally.view(asOf).measures.find(({ id }) => id === 'operations_with_evidence');
    const expected = { numerator: 2, denominator: 3, offenders: [idOf(1)], offender_count: 1, met: false };
    expect(evidence()).toMatchObject(expected);
    // Looking again counts nothing twice.
    expect(evidence()).toMatchObject(expected);
    expect(tally.unsealed()).toEqual([]);
  });

  it('that comes later does not change what was shown before', () => {
    const tally = new Tally();
    const before = tally.view(asOf);
    const copy = structuredClone(before);
    for (const event of ['run.succeeded', 'approval.approved', 'run.outcome_unknown']) tally.add(end({}, 1, 0, event));
    expect(before).toEqual(copy);
    expect(tally.view(asOf)).toMatchObject({
      outcomes: { succeeded: 1 },
      approvals: { approved: 1 },
      unknown: { left: 1 },
    });
  });
});
