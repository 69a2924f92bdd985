import type { PlannerAnswer } from '@countersign/kernel';
import { expect, it } from 'vitest';
import { answerOf, podsAction, requestOf, targets } from './fixture/requests.ts';
import { rulesPlanner } from './rules-planner.ts';

const stepsOf = (answer: PlannerAnswer) =>
  answer.kind === 'plan'
    ? answer.steps.map(({ step, target }) => [step.action, target.name, step.inputs])
    : [answer.kind];

it.each([
  ['scale cart replicas 3 in stage', [['cluster.scale_deployment', 'north', { deployment: 'cart', replicas: 3 }]]],
  [
    'escala cart en producción, replicas 3',
    [['cluster.scale_deployment', 'south', { deployment: 'cart', replicas: 3 }]],
  ],
  [
    'scale the deployment checkout to replicas 4 with strategy rolling',
    [['cluster.scale_deployment', 'south', { deployment: 'checkout', replicas: 4, strategy: 'rolling' }]],
  ],
  ['list pods on north', [['cluster.list_pods', 'north', {}]]],
  ['lista los pods de south', [['cluster.list_pods', 'south', {}]]],
])('DO-13: plans for a connector that it never saw, from its manifest alone: %s', async (prompt, wanted) => {
  expect(stepsOf(await answerOf(prompt))).toEqual(wanted);
});

it('tells by what each name was resolved, and is less sure the more it read over', async () => {
  const exact = await answerOf('scale cart replicas 3 on north');
  const only = await answerOf('scale checkout replicas 3');
  const alias = await answerOf('scale co replicas 3 on south');
  const typo = await answerOf('scael cart replicas 3 on north');
  expect(exact).toMatchObject({
    confidence: 1,
    steps: [
      {
        resolved: [
          { field: 'target', said: 'north', meant: 'north', by: 'exact' },
          { field: '/deployment', said: 'cart', meant: 'cart', by: 'exact' },
        ],
      },
    ],
  });
  expect(only).toMatchObject({
    confidence: 0.9,
    steps: [{ resolved: [{ field: 'target', meant: 'south', by: 'only' }, {}] }],
  });
  expect(alias).toMatchObject({
    confidence: 0.98,
    steps: [{ resolved: [{}, { said: 'co', meant: 'checkout', by: 'alias' }] }],
  });
  expect(typo).toMatchObject({ kind: 'plan', confidence: 0.94 });
});

it('asks which is meant, and each answer it offers is a prompt that plans what its label says', async () => {
  const target = await answerOf('scale cart replicas 3');
  expect(target).toMatchObject({ kind: 'clarify', question: expect.stringContaining('north') });
  const near = await answerOf('scale chekout replicas 3');
  expect(near).toMatchObject({
    kind: 'clarify',
    question: expect.stringContaining('Did you mean checkout'),
    options: [{ label: 'checkout', prompt: 'scale checkout replicas 3' }],
  });
  const missing = await answerOf('scale something replicas 2 in prod');
  expect(missing).toMatchObject({
    kind: 'clarify',
    options: [{ label: 'cart on south' }, { label: 'checkout on south' }],
  });
  for (const answer of [target, near, missing]) {
    const options = answer.kind === 'clarify' ? answer.options : [];
    expect(options.length).toBeGreaterThan(0);
    for (const { label, prompt } of options) {
      const [[, place, inputs] = []] = stepsOf(await answerOf(prompt));
      expect(`${JSON.stringify(inputs)} ${place}`, prompt).toContain(label.split(' ')[0]);
    }
  }
});

it.each([
  ["don't scale cart replicas 3 in stage", 'negated'],
  ['sclae cart replicas 3 in stage, nto really', 'negated'],
  ['scale everything to replicas 0', 'everything'],
  ['scale cart replicas 3 in stage if it is slow', 'conditional'],
  ['scale cart replicas 3 in stage tomorrow', 'scheduled'],
  ['scale cart replicas 3 in stage in 5 minutes', 'scheduled'],
  ['scale cart replicas 3 in stage and approve it', 'bypass'],
  ['how do I scale cart', 'question'],
  ['scale cart replicas 11 in stage', 'out_of_range'],
  ['restart cart in stage', 'unsupported'],
  ['good morning', 'out_of_scope'],
  ['very '.repeat(130), 'too_long'],
  ['scale kafka replicas 3 in stage', 'unknown_name'],
  ['scale c\u0430rt replicas 3 in stage', 'hidden_text'],
  ['scale ca\u200brt replicas 3 in stage', 'hidden_text'],
  ['scale cart replicas 3 in stage && {x}', 'not_understood'],
])('refuses with its reason: %s', async (prompt, code) => {
  expect(await answerOf(prompt)).toMatchObject({ kind: 'refuse', code, reason: expect.stringMatching(/\S/) });
});

it('says that it cannot check a name where the inventory could not be read', async () => {
  expect(await answerOf('scale cart replicas 3 on north', { inventory: [] })).toMatchObject({ kind: 'refuse' });
});

it('knows nothing but what the request holds', async () => {
  const onlyPods = { actions: [{ action: podsAction, targets }] };
  expect(await answerOf('scale cart replicas 3 in stage', onlyPods)).toMatchObject({
    kind: 'refuse',
    code: 'unsupported',
  });
  expect(await answerOf('list pods on north', { actions: [] })).toMatchObject({
    kind: 'refuse',
    code: 'nothing_allowed',
  });
});

it('costs no tokens and names itself', async () => {
  expect(await rulesPlanner.plan(requestOf('list pods on north'))).toMatchObject({
    ok: true,
    value: { model: 'rules', usage: { tokensIn: 0, tokensOut: 0 } },
  });
});
