import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rulesPlanner } from '@countersign/ai';
import type { Planner } from '@countersign/kernel';
import { accept } from '@countersign/protocol';
import { beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { readCorpus } from '../../bench/planner/corpus.ts';
import { askAll, isWrongTarget, type Scored, scoreOf } from '../../bench/planner/score.ts';

const root = join(import.meta.dirname, '../..');
const text = (path: string): string => readFileSync(join(root, path), 'utf8');
const Published = z.strictObject({
  exactAction: z.number(),
  exactPlan: z.number(),
  slotF1: z.number(),
  abstentionRecall: z.number(),
  abstentionPrecision: z.number(),
  wrongTarget: z.int(),
});
const published = Published.parse(JSON.parse(text('bench/planner/published.json')));
const shares = ['exactAction', 'exactPlan', 'slotF1', 'abstentionRecall', 'abstentionPrecision'] as const;

const corpus = readCorpus();
let scored: Scored[];
beforeAll(async () => {
  scored = await askAll(rulesPlanner, corpus);
});

const rounded = (share: number | null): number => Math.round((share ?? 0) * 1000) / 1000;

/** Which published shares a planner stays below on the frozen third. Nothing says by which prompts: nobody tunes by them. */
function below(some: readonly Scored[]): string[] {
  const score = scoreOf(some.filter(({ prompt }) => prompt.frozen));
  return shares.filter((share) => rounded(score[share]) < published[share]);
}

it('the rules are no worse on the frozen third than the numbers that are published, and choose no wrong target anywhere', () => {
  expect(below(scored)).toEqual([]);
  expect(scored.filter(isWrongTarget).length).toBe(published.wrongTarget);
});

it('a planner that is worse by one prompt of the frozen third is found out', async () => {
  const [asked] = corpus.filter(({ frozen, expected }) => frozen && expected.kind === 'plan');
  const [open] = corpus.filter(({ frozen, expected }) => frozen && expected.kind !== 'plan');
  if (asked === undefined || open === undefined) throw new Error('the frozen third has neither');
  const usage = { tokensIn: 0, tokensOut: 0 };
  const refusing: Planner = {
    plan: async () =>
      accept({ answer: { kind: 'refuse', code: 'out_of_scope', reason: 'no' }, model: 'm', usage, detail: {} }),
  };
  const worse = async (planner: Planner, prompt: (typeof corpus)[number]): Promise<string[]> => {
    const [one] = await askAll(planner, [prompt]);
    if (one === undefined) throw new Error('nothing was answered');
    return below(scored.map((each) => (each.prompt === prompt ? one : each)));
  };
  expect(await worse(refusing, asked)).toEqual(
    expect.arrayContaining(['exactAction', 'exactPlan', 'slotF1', 'abstentionPrecision']),
  );
  expect(
    await worse({ plan: async () => ({ ok: false, code: 'E_INTERNAL', message: 'no', detail: {} }) }, open),
  ).toEqual(['abstentionRecall']);
});

it('the README and docs/ask.md tell these numbers, and how many prompts they are of', () => {
  const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;
  const score = scoreOf(scored.filter(({ prompt }) => prompt.frozen));
  const ask = text('docs/ask.md');
  expect(ask).toContain(`| exact actions | ${percent(published.exactAction)} of ${score.inScope} |`);
  expect(ask).toContain(`| slot F1 | ${published.slotF1} |`);
  const asked = `${percent(published.abstentionRecall)} of ${score.prompts - score.inScope}`;
  expect(ask).toContain(`| asked back or refused where it should | ${asked} |`);
  expect(ask).toContain(`| questions and refusals that were right | ${percent(published.abstentionPrecision)} |`);
  const changes = scoreOf(scored).changes;
  expect(ask).toContain(`Wrong target: ${published.wrongTarget} of ${changes} prompts about changes.`);
  const readme = text('README.md').replaceAll(/\s+/g, ' ');
  expect(readme).toContain(`frozen third of ${corpus.length} prompts it got ${percent(published.exactPlan)}`);
  expect(readme).toContain(`over the ${changes} prompts about changes it never chose a wrong target`);
});
