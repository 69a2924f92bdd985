import type { Unit } from '@countersign/kernel';
import type { Outcome, Refusal } from '@countersign/protocol';
import { type CommitName, commit } from './commit.ts';
import type { EngineContext } from './context.ts';

/** Carries a refusal out of a unit that is to leave nothing. */
class Refused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/** Runs a unit that is about several things: where it refuses for one of them, nothing of what it wrote for the others stays. */
export async function commitWhole<T>(
  context: Pick<EngineContext, 'store' | 'crash'>,
  name: CommitName,
  unit: (unit: Unit) => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  try {
    return await commit(context, name, async (open) => {
      const result = await unit(open);
      if (!result.ok) throw new Refused(result);
      return result;
    });
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
}
