import { openPlanners } from '@countersign/ai';
import { dockerConnector } from '@countersign/connector-docker';
import { jvmConnector } from '@countersign/connector-jvm';
import { manifestOf } from '@countersign/connector-kit';
import { kubernetesConnector } from '@countersign/connector-kubernetes';
import { repoConnector } from '@countersign/connector-repo';
import { serviceConnector } from '@countersign/connector-service';
import type { ChatRequest, InventoryItem, ModelProvider, PlannerAction } from '@countersign/kernel';
import { accept, askedFor, refuse, type TargetRef } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { readCorpus } from '../../bench/planner/corpus.ts';
import * as bench from '../../bench/planner/inventory.ts';
import { TokenBudget } from '../../packages/engine/src/provider/token-budget.ts';

/** The source's default. */
const perMinute = 8000;
const budget = () => new TokenBudget({ now: () => 0 }, perMinute);

function actionsOf(connector: Parameters<typeof manifestOf>[0]): PlannerAction[] {
  const manifest = manifestOf(connector);
  const targets = (['dev', 'stage', 'prod'] as const).map(
    (tier): TargetRef => ({
      name: `shop-${tier}-${manifest.connector}`,
      project: 'shop',
      environment: tier,
      tier,
      connector: manifest.connector,
    }),
  );
  return askedFor(manifest.actions).map((action) => ({ action, targets }));
}

/** What a model would have been asked, whether or not there are tokens for it. */
async function asked(
  prompt: string,
  actions: readonly PlannerAction[],
  inventory: readonly InventoryItem[],
): Promise<{ chat: ChatRequest; told: (action: string) => boolean }> {
  const chats: ChatRequest[] = [];
  const provider: ModelProvider = {
    name: 'p',
    type: 'openai_compat',
    model: 'm',
    capabilities: () => ({ streaming: false, structured: true }),
    listModels: async () => accept([]),
    healthcheck: async () => accept({ latencyMs: 0, models: [] }),
    async chatOnce(request) {
      chats.push(request);
      return refuse('E_PROVIDER_TIMEOUT', 'late', { next: 'again' });
    },
    async *chatStream() {
      yield { kind: 'end', outcome: refuse('E_PROVIDER_NO_MODEL', 'no', {}) };
    },
  };
  const settings = { outputTokens: 800, timeoutMs: 1000, nonce: () => 'f'.repeat(32), now: () => 0 };
  await openPlanners(settings)
    .model(provider, (chat) => budget().fits('p', chat))
    .plan({
      prompt,
      documents: [],
      actions,
      inventory,
      unread: [],
      correlationId: 'c',
      signal: new AbortController().signal,
    });
  const [chat] = chats;
  if (chat === undefined) throw new Error('nothing was asked');
  const schema = JSON.stringify(chat.schema);
  return { chat, told: (action) => schema.includes(`"${action}"`) };
}

const everyAction = [dockerConnector, repoConnector, kubernetesConnector, serviceConnector, jvmConnector].flatMap(
  actionsOf,
);
const containers = (count: number): InventoryItem[] =>
  Array.from({ length: count }, (_, index) => ({
    entity: 'container',
    name: `shop-web-${index}`,
    aliases: ['0123456789ab'],
    target: 'shop-stage-docker',
  }));
const isIn = ({ messages }: ChatRequest, name: string) => messages.some(({ content }) => content.includes(`"${name}"`));

it("every action of every connector and 300 containers leave room for a repair in the source's 8000 tokens a minute (IP-2)", async () => {
  expect(everyAction.length).toBeGreaterThanOrEqual(40);
  const { chat, told } = await asked('restart shop-web-217 in stage', everyAction, containers(300));
  const most = budget().estimates.most('p', chat);
  const shown = everyAction.filter(({ action }) => told(action.name)).length;
  console.log(`planner: at most ${most} tokens, told of ${shown} of ${everyAction.length} actions`);
  expect(2 * most).toBeLessThanOrEqual(perMinute);
  expect(told('docker.restart_container')).toBe(true);
  expect(isIn(chat, 'shop-web-217')).toBe(true);
  expect(shown).toBeGreaterThanOrEqual(5);
});

it('a small installation is told of whole, in its own order (IP-2)', async () => {
  const few = actionsOf(dockerConnector).slice(0, 4);
  const { chat, told } = await asked('qué hay', few, containers(3));
  expect(few.every(({ action }) => told(action.name))).toBe(true);
  expect(isIn(chat, 'shop-web-2')).toBe(true);
});

it.each([
  ['scale checkout to 3 replicas', 'k8s.scale_deployment'],
  ['roll back the checkout deployment', 'k8s.rollback'],
  ['show the logs of pod checkout-7d9', 'k8s.pod_logs'],
  ['thread dump of the JVM CheckoutMain', 'jvm.thread_dump'],
  ['how much heap does it use on shop-stage-jvm', 'jvm.heap_info'],
  ['restart the nginx service', 'service.restart'],
  ['is nginx running on shop-prod-service', 'service.status'],
  ['stop the service cron', 'service.stop'],
  ['give the web container 512 MB of memory', 'docker.set_resources'],
  ['make web use at most two cpus', 'docker.set_resources'],
  ['what did the last ten commits change', 'repo.log'],
])('%j is asked of %s among others', async (prompt, action) => {
  const { told } = await asked(prompt, everyAction, containers(40));
  expect(told(action)).toBe(true);
});

it('what a sentence asks for is told of: the corpus of the bench, beside every other action (IP-2)', async () => {
  const others = everyAction.filter(({ action }) => !/^(docker|repo)\./.test(action.name));
  const actions = [...bench.actions, ...others];
  const prompts = readCorpus().filter(({ expected, frozen }) => expected.kind === 'plan' && !frozen);
  const missed: string[] = [];
  for (const { prompt, expected } of prompts) {
    const { told } = await asked(prompt, actions, bench.inventory);
    const steps = expected.kind === 'plan' ? expected.steps : [];
    if (!steps.every(({ action }) => told(action))) missed.push(prompt);
  }
  console.log(`planner: ${prompts.length - missed.length} of ${prompts.length} prompts\n${missed.join('\n')}`);
  expect(prompts.length).toBeGreaterThan(140);
  expect(missed.length / prompts.length).toBeLessThanOrEqual(0.01);
});
