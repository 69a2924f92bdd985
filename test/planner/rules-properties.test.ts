import { rulesPlanner } from '@countersign/ai';
import type { PlannerAnswer } from '@countersign/kernel';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readCorpus } from '../../bench/planner/corpus.ts';
import { actions, inventory } from '../../bench/planner/inventory.ts';

const runs = Number(process.env['COUNTERSIGN_PLANNER_RUNS'] ?? 150);
const seed = Number(process.env['COUNTERSIGN_SEED'] ?? Date.now() % 1_000_000);
console.log(`rules planner: seed ${seed}, ${runs} prompts a property`);

const ajv = new Ajv2020({ strict: false, validateFormats: false });
const validators = new Map(actions.map(({ action }) => [action.name, ajv.compile(action.inputSchema)]));
const effects = new Map(actions.map(({ action }) => [action.name, action.effect]));
const corpus = readCorpus().filter(({ frozen }) => !frozen);

async function answerOf(prompt: string): Promise<PlannerAnswer> {
  const signal = new AbortController().signal;
  const outcome = await rulesPlanner.plan({
    prompt,
    documents: [],
    unread: [],
    actions,
    inventory,
    correlationId: 'test',
    signal,
  });
  if (!outcome.ok) throw new Error('the rules planner always answers');
  return outcome.value.answer;
}

const changesOf = (answer: PlannerAnswer) =>
  answer.kind === 'plan' ? answer.steps.filter(({ step }) => effects.get(step.action) !== 'read') : [];

/** Words of the corpus in any order: far likelier to be read as something than random text. */
const words = fc.constantFrom(
  ...new Set(corpus.flatMap(({ prompt }) => prompt.split(/\s+/)).concat(inventory.map(({ name }) => name))),
);
const soup = fc.array(words, { minLength: 1, maxLength: 12 }).map((some) => some.join(' '));
const spliced = fc
  .tuple(fc.constantFrom(...corpus), fc.constantFrom(...corpus), fc.constantFrom(' ', ' and ', ', ', ' then ', '; '))
  .map(([first, second, between]) => `${first.prompt}${between}${second.prompt}`);
const prompts = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), soup, spliced);

it('never throws, and answers nothing that the request does not hold and the schema does not take', async () => {
  let plans = 0;
  await fc.assert(
    fc.asyncProperty(prompts, async (prompt) => {
      const answer = await answerOf(prompt);
      if (answer.kind !== 'plan') return;
      plans += 1;
      for (const { step, target, resolved } of answer.steps) {
        const known = actions.find(({ action }) => action.name === step.action);
        expect(known?.targets).toContainEqual(target);
        expect(validators.get(step.action)?.(step.inputs), prompt).toBe(true);
        const isChange = effects.get(step.action) !== 'read';
        for (const { said, by } of resolved) {
          expect(prompt.toLowerCase(), prompt).toContain(said.split(' ')[0]?.toLowerCase());
          if (isChange) expect(by, prompt).not.toBe('near');
        }
        const { container } = step.inputs;
        if (container === undefined) continue;
        const there = inventory.filter((item) => item.target === target.name);
        expect(there.flatMap(({ name, aliases }) => [name, ...aliases])).toContain(container);
      }
    }),
    { numRuns: runs, seed },
  );
  expect(plans).toBeGreaterThan(0);
});

it('never plans a change for a sentence with a negation or an "all", wherever it stands', async () => {
  const asking = corpus.filter(({ expected, change }) => change && expected.kind === 'plan');
  const negation = fc.constantFrom(
    'not',
    "don't",
    'never',
    'no',
    'without',
    'except',
    'nunca',
    'sin',
    'menos',
    'all',
    'everything',
    'todos',
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...asking), negation, fc.nat(), async ({ prompt }, word, place) => {
      // Between words outside of quotes, where it is said and not quoted.
      const gaps = [0, ...[...prompt.matchAll(/ /g)].map(({ index }) => index + 1), prompt.length];
      const open = gaps.filter((at) => (prompt.slice(0, at).match(/(?<!\\)["`]/g) ?? []).length % 2 === 0);
      const at = open[place % open.length] ?? 0;
      const said = `${prompt.slice(0, at)} ${word} ${prompt.slice(at)}`;
      expect(changesOf(await answerOf(said)), said).toEqual([]);
    }),
    { numRuns: runs, seed },
  );
});

it('never changes another thing because a name was mistyped', async () => {
  const asking = corpus.filter(({ expected, change, prompt }) => {
    return change && expected.kind === 'plan' && expected.steps.length === 1 && prompt.includes('restart');
  });
  const names = new Set(inventory.map(({ name }) => name));
  let asked = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...asking),
      fc.nat(),
      fc.constantFrom('drop', 'double', 'swap'),
      async (one, place, how) => {
        const [step] = one.expected.kind === 'plan' ? one.expected.steps : [];
        const name = step?.inputs['container'];
        if (typeof name !== 'string' || !one.prompt.includes(name)) return;
        const at = place % name.length;
        const letter = name[at] ?? '';
        const wrong =
          how === 'drop'
            ? name.slice(0, at) + name.slice(at + 1)
            : how === 'double'
              ? name.slice(0, at) + letter + name.slice(at)
              : name.slice(0, at) + (name[at + 1] ?? '') + letter + name.slice(at + 2);
        if (wrong === name || names.has(wrong)) return;
        asked += 1;
        const said = one.prompt.replace(name, wrong);
        const changed = changesOf(await answerOf(said)).filter(({ step: { inputs } }) => inputs['container'] !== name);
        expect(changed, said).toEqual([]);
      },
    ),
    { numRuns: runs, seed },
  );
  expect(asked).toBeGreaterThan(runs / 4);
});

it('offers answers that are understood: none of them is refused', async () => {
  let offered = 0;
  for (const { prompt } of corpus) {
    const answer = await answerOf(prompt);
    for (const option of answer.kind === 'clarify' ? answer.options : []) {
      offered += 1;
      expect((await answerOf(option.prompt)).kind, `${prompt} -> ${option.prompt}`).not.toBe('refuse');
    }
  }
  expect(offered).toBeGreaterThan(50);
});
