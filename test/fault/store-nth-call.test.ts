import { reportFault } from '@countersign/testing';
import { expect, test } from 'vitest';
import { breakCalls, type Mode } from './store/break-calls.ts';
import { judgeAudit, judgeOperation } from './store/judge.ts';
import { type Acknowledged, carryOut, type Dialect, live, makePlace } from './store/world.ts';

const full = process.env['COUNTERSIGN_FAULTS'] === 'full';
/** Of all calls, how many are struck; in CI each run begins at another. */
const stride = full ? 1 : Number(process.env['COUNTERSIGN_STRIDE'] ?? 60);
const first = 1 + (Math.floor(performance.timeOrigin) % stride);
const only = process.env['COUNTERSIGN_NTH'];

const nobody = (): Acknowledged => ({ opId: null, digest: null, confirmed: false, runId: null, refusals: [] });

/** Strikes one call of a whole operation, restarts on the same data and judges. */
async function strikeEach(dialect: Dialect, mode: Mode): Promise<void> {
  const place = await makePlace(dialect);
  using breaker = breakCalls(dialect);
  try {
    let life = await live(place);
    breaker.arm(null, mode);
    await carryOut(life, nobody());
    const calls = breaker.calls;
    breaker.disarm();
    await life.end();
    const told: Acknowledged[] = [];
    const numbers = Array.from(
      { length: Math.ceil((calls - first + 1) / stride) },
      (_, index) => first + index * stride,
    );
    for (const at of only === undefined ? numbers : [Number(only)]) {
      const answers = nobody();
      try {
        life = await live(place);
        breaker.arm(at, mode);
        await carryOut(life, answers);
        breaker.disarm();
        await life.end();
        life = await live(place);
        await judgeOperation(place, life, answers);
        await life.end();
      } catch (cause) {
        const struck = breaker.struck.at(-1);
        throw new Error(`call ${at} of ${calls} ${mode}, ${struck}: ${String(cause)}\n${life.errors.join('\n')}`, {
          cause,
        });
      }
      told.push(answers);
    }
    life = await live(place);
    const entries = await judgeAudit(life);
    await life.end();
    const twice = [...place.ledger.effects.values()].filter((count) => count > 1).length;
    expect(twice).toBe(0);
    expect(place.ledger.effects.size).toBe(2 * (told.length + 1));
    const refused = told.filter(({ refusals }) => refusals.length > 0).length;
    console.log(`${dialect}, ${mode}: ${calls} calls, ${breaker.struck.length} struck, ${refused} told the caller`);
    await reportFault({
      fault: 'nth-store-call',
      point: `${dialect}: the Nth call ${mode}`,
      fired: breaker.struck.length,
      lost: 0,
      twice,
      held: `of ${calls} calls of one operation; every run ended, every bundle verified, ${entries} audit entries dense`,
    });
  } finally {
    await place.remove();
  }
}

const cases: readonly (readonly [Dialect, Mode])[] = [
  ['sqlite', 'throws'],
  ['sqlite', 'works then throws'],
  ['sqlite', 'hangs'],
  ['postgres', 'throws'],
  ['postgres', 'works then throws'],
  ['postgres', 'hangs'],
  ['postgres', 'works then hangs'],
];

test.each(cases)(
  '%s: whichever call of an operation %s, it is done once and proven [postgres]',
  {
    timeout: 1_800_000,
  },
  strikeEach,
);
