import type { Planner } from '@countersign/kernel';
import { accept } from '@countersign/protocol';

/** The planner of an installation whose offline grammar is not there: it refuses every sentence and says why. */
export const refusingPlanner: Planner = {
  plan: async () =>
    accept({
      answer: {
        kind: 'refuse',
        code: 'no_grammar',
        reason:
          'this version has no offline planner; make a provider with a model active, see `countersign provider ls`',
      },
      model: 'rules',
      usage: { tokensIn: 0, tokensOut: 0 },
      detail: {},
    }),
};
