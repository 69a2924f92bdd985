import { rulesPlanner } from '@countersign/ai';
import type { Planner } from '@countersign/kernel';
import type { Figure, Goal, Row } from '../harness/row.ts';
import { configuredPlanners } from '../planner/configured-planners.ts';
import { groups, readCorpus } from '../planner/corpus.ts';
import { askAll, isExact, type Scored, scoreOf } from '../planner/score.ts';

const atLeast = (value: number): Goal => ({ of: 'ours', bound: 'at least', value });
const none: Goal = { of: 'ours', bound: 'at most', value: 0 };

function figure(what: string, ours: number | null, goal: Goal | null = null, unit = 'of 1'): Figure[] {
  return ours === null ? [] : [{ what, unit, ours, peer: null, goal }];
}

/** Figures of one part of the prompts; the goals are those of the frozen third. */
function partFigures(name: string, part: string, scored: readonly Scored[], judged: boolean): Figure[] {
  const score = scoreOf(scored);
  const goal = (value: number) => (judged ? atLeast(value) : null);
  const asked = `${name}, ${part}`;
  return [
    ...figure(`${asked}: exact actions, ${score.inScope} prompts with a plan`, score.exactAction, goal(0.9)),
    ...figure(`${asked}: actions, targets and inputs exact`, score.exactPlan),
    ...figure(`${asked}: slot F1`, score.slotF1),
    ...figure(
      `${asked}: asked back or refused, ${score.prompts - score.inScope} prompts without a plan`,
      score.abstentionRecall,
      goal(0.95),
    ),
    ...figure(`${asked}: questions and refusals that are right`, score.abstentionPrecision),
  ];
}

async function measurePlanner(name: string, planner: Planner): Promise<Figure[]> {
  const scored = await askAll(planner, readCorpus());
  const all = scoreOf(scored);
  const exactIn = (group: string) => {
    const some = scored.filter(({ prompt }) => prompt.group === group);
    return figure(`${name}, ${group}: as expected, ${some.length} prompts`, some.filter(isExact).length / some.length);
  };
  return [
    ...partFigures(
      name,
      'frozen third',
      scored.filter(({ prompt }) => prompt.frozen),
      true,
    ),
    ...figure(`${name}: wrong target, ${all.changes} prompts about changes`, all.wrongTarget, none, 'prompts'),
    ...partFigures(
      name,
      'open two thirds',
      scored.filter(({ prompt }) => !prompt.frozen),
      false,
    ),
    ...groups.flatMap(exactIn),
  ];
}

async function measure(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { name, planner } of [{ name: 'rules', planner: rulesPlanner }, ...configuredPlanners()]) {
    figures.push(...(await measurePlanner(name, planner)));
  }
  return figures;
}

export const planner: Row = {
  name: 'planner',
  what: 'sentences to typed plans, on prompts that were written before the grammar; the frozen third was never looked at while it was tuned',
  measure,
};
