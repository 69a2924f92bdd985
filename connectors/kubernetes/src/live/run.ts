import type { ConnectedTarget, ParsedStep } from '@countersign/connector-kit';
import { contextOf, type KeepingContext } from '@countersign/connector-kit/conformance';
import type { PlannedContent } from '@countersign/protocol';

/** Observes, intends, applies and verifies a list, as the runner does. */
export async function runSteps(
  connection: ConnectedTarget,
  steps: ParsedStep[],
  context: KeepingContext = contextOf(),
) {
  let { guard } = await connection.observe(steps, context);
  const done = [];
  for (const step of steps) {
    const before = await connection.before(step, guard, context);
    const applied = await connection.apply(step, before, guard, context);
    const seen = await connection.verify(step, before, applied, context);
    done.push({ step, before, guard, applied, seen });
    guard = applied.guard;
  }
  return done;
}

/** The checks of a plan that are no pass, by the first word of their id. */
export function notPassed({ checks }: PlannedContent): Record<string, string> {
  const found = checks.filter(({ status }) => status !== 'pass');
  return Object.fromEntries(found.map(({ id, status, message }) => [id.split(':')[0] ?? '', `${status}: ${message}`]));
}
