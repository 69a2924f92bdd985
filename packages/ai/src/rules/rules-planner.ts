import type { Planned, Planner, PlannerAnswer, PlanPromptRequest } from '@countersign/kernel';
import { accept } from '@countersign/protocol';
import { refusal } from './answer/answer.ts';
import { planPrompt } from './plan-prompt.ts';
import { hiddenIn } from './text/fold.ts';

/** Longest prompt in UTF-16 units; a patch may stand in it. */
const longestPrompt = 100_000;

function answer(request: PlanPromptRequest): PlannerAnswer {
  const hidden = hiddenIn(request.prompt);
  if (hidden !== null) return refusal('hidden_text', `In this one ${hidden}.`);
  if (request.prompt.length > longestPrompt) return refusal('too_long');
  return planPrompt(request);
}

/**
 * Plans sentences without any model: grammars made from the manifests of the request's actions, English and Spanish, names
 * resolved in the request's inventory and targets. Deterministic, offline, and free of effects; what it does not understand
 * whole it asks about or refuses.
 */
export const rulesPlanner: Planner = {
  plan: async (request) => {
    const planned: Planned = {
      answer: answer(request),
      model: 'rules',
      usage: { tokensIn: 0, tokensOut: 0 },
      detail: {},
    };
    return accept(planned);
  },
};
