import type { ClarifyOption, PlannerAnswer } from '@countersign/kernel';
import { type RefusalCode, reasons } from './reasons.ts';

/** An answer that is not a plan. */
export type Abstention = Exclude<PlannerAnswer, { kind: 'plan' }>;

/** Refuses with the reason of a code and what was found. */
export function refusal(code: RefusalCode, found?: string): Abstention {
  return { kind: 'refuse', code, reason: found === undefined ? reasons[code] : `${reasons[code]} ${found}` };
}

/** Asks back, with up to eight answers as whole prompts. */
export function question(
  intent: string,
  asked: string,
  options: readonly ClarifyOption[],
  confidence = 0.5,
): Abstention {
  return { kind: 'clarify', intent, confidence, question: asked, options: options.slice(0, 8) };
}

/** What can be done instead, in the words of the actions. */
export function whatCanBeDone(titles: readonly string[]): string {
  return titles.length === 0 ? '' : `What can be done here: ${[...new Set(titles)].join(', ')}.`;
}
