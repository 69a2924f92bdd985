import { rulesPlanner } from '@countersign/ai';
import { jvmConnector } from '@countersign/connector-jvm';
import { manifestOf } from '@countersign/connector-kit';
import { serviceConnector } from '@countersign/connector-service';
import type { InventoryItem, PlannerAction, PlannerAnswer } from '@countersign/kernel';
import type { TargetRef } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { readCorpus } from '../../bench/planner/corpus.ts';
import * as bench from '../../bench/planner/inventory.ts';

const target = (name: string, tier: TargetRef['tier'], connector: string): TargetRef => ({
  name,
  project: 'shop',
  environment: tier,
  tier,
  connector,
});
const targets = [
  target('web-host', 'stage', 'service'),
  target('old-host', 'prod', 'service'),
  target('shop-jvms', 'stage', 'jvm'),
];
const actions: PlannerAction[] = [
  ...bench.actions,
  ...[serviceConnector, jvmConnector].flatMap((connector) =>
    manifestOf(connector).actions.map((action) => ({
      action,
      targets: targets.filter((known) => known.connector === connector.name),
    })),
  ),
];
const service = (name: string, at: string): InventoryItem => ({
  entity: 'service',
  name: `${name}.service`,
  aliases: [name],
  target: at,
});
const inventory: InventoryItem[] = [
  ...bench.inventory,
  ...['nginx', 'sshd', 'cron', 'billing'].map((name) => service(name, 'web-host')),
  service('exim', 'old-host'),
  { entity: 'jvm', name: 'CheckoutMain', aliases: ['4711'], target: 'shop-jvms' },
];

async function answerOf(
  prompt: string,
  known: PlannerAction[],
  there: readonly InventoryItem[],
): Promise<PlannerAnswer> {
  const signal = new AbortController().signal;
  const request = {
    prompt,
    documents: [],
    unread: [],
    actions: known,
    inventory: [...there],
    correlationId: 'test',
    signal,
  };
  const outcome = await rulesPlanner.plan(request);
  if (!outcome.ok) throw new Error('the rules planner always answers');
  return outcome.value.answer;
}

const stepsOf = (answer: PlannerAnswer) =>
  answer.kind === 'plan'
    ? answer.steps.map(({ step, target: { name } }) => [step.action, name, step.inputs])
    : answer.kind;

it.each([
  ['restart the nginx service on web-host', 'service.restart', 'web-host', { service: 'nginx' }],
  ['restart nginx.service', 'service.restart', 'web-host', { service: 'nginx.service' }],
  ['restart billing in stage', 'service.restart', 'web-host', { service: 'billing' }],
  ['systemctl restart nginx', 'service.restart', 'web-host', { service: 'nginx' }],
  ['reinicia el servicio nginx en web-host', 'service.restart', 'web-host', { service: 'nginx' }],
  ['stop exim on old-host', 'service.stop', 'old-host', { service: 'exim' }],
  ['para el servicio nginx en web-host', 'service.stop', 'web-host', { service: 'nginx' }],
  ['start the cron service', 'service.start', 'web-host', { service: 'cron' }],
  ['show the logs of nginx.service on web-host', 'service.logs', 'web-host', { service: 'nginx.service' }],
  ['last 20 lines of the billing service log', 'service.logs', 'web-host', { tail: 20, service: 'billing' }],
  ['status of the billing service', 'service.status', 'web-host', { service: 'billing' }],
  ['which services are running on web-host', 'service.list', 'web-host', {}],
  ['take a thread dump of CheckoutMain', 'jvm.thread_dump', 'shop-jvms', { jvm: 'CheckoutMain' }],
  ['show the heap of CheckoutMain', 'jvm.heap_info', 'shop-jvms', { jvm: 'CheckoutMain' }],
  ['run gc on CheckoutMain', 'jvm.gc', 'shop-jvms', { jvm: 'CheckoutMain' }],
  ['jvm status CheckoutMain', 'jvm.status', 'shop-jvms', { jvm: 'CheckoutMain' }],
  ['list jvms on shop-jvms', 'jvm.list', 'shop-jvms', {}],
])('DO-13: %s', async (prompt, action, where, inputs) => {
  expect(stepsOf(await answerOf(prompt, actions, inventory))).toEqual([[action, where, inputs]]);
});

it('a name that a container and a service have is asked about', async () => {
  expect(await answerOf('restart nginx', actions, inventory)).toMatchObject({
    kind: 'clarify',
    question: expect.stringContaining('service'),
  });
});

it('services and JVMs beside containers change no plan of the bench into another: at most into a question', async () => {
  const corpus = readCorpus().filter(({ frozen }) => !frozen);
  let questions = 0;
  for (const { prompt } of corpus) {
    const alone = stepsOf(await answerOf(prompt, [...bench.actions], bench.inventory));
    const beside = stepsOf(await answerOf(prompt, actions, inventory));
    if (typeof beside === 'string') questions += typeof alone === 'string' ? 0 : 1;
    else expect(beside, prompt).toEqual(alone);
  }
  expect(questions).toBeLessThan(corpus.length * 0.02);
});
