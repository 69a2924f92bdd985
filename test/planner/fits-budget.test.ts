import { openPlanners } from '@countersign/ai';
import { dockerConnector } from '@countersign/connector-docker';
import { manifestOf } from '@countersign/connector-kit';
import { repoConnector } from '@countersign/connector-repo';
import type { ChatRequest, ModelProvider, PlannerAction } from '@countersign/kernel';
import { accept, askedFor, refuse, type TargetRef } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { TokenEstimates } from '../../packages/engine/src/provider/token-estimates.ts';

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

it("every action of both connectors on six targets with twenty containers fits into the source's 8000 tokens a minute (IP-2)", async () => {
  const asked: ChatRequest[] = [];
  const provider: ModelProvider = {
    name: 'p',
    type: 'openai_compat',
    model: 'm',
    capabilities: () => ({ streaming: false, structured: true }),
    listModels: async () => accept([]),
    healthcheck: async () => accept({ latencyMs: 0, models: [] }),
    async chatOnce(request) {
      asked.push(request);
      return refuse('E_PROVIDER_TIMEOUT', 'late', { next: 'again' });
    },
    async *chatStream() {
      yield { kind: 'end', outcome: refuse('E_PROVIDER_NO_MODEL', 'no', {}) };
    },
  };
  const settings = { outputTokens: 800, timeoutMs: 1000, nonce: () => 'f'.repeat(32), now: () => 0 };
  const actions = [...actionsOf(dockerConnector), ...actionsOf(repoConnector)];
  expect(actions.length).toBeGreaterThanOrEqual(12);
  await openPlanners(settings)
    .model(provider)
    .plan({
      prompt: 'restart the web container in stage',
      documents: [],
      actions,
      inventory: Array.from({ length: 20 }, (_, index) => ({
        entity: 'container',
        name: `shop-web-${index}`,
        aliases: ['0123456789ab'],
        target: 'shop-dev-docker',
      })),
      unread: [],
      correlationId: 'c',
      signal: new AbortController().signal,
    });
  const [request] = asked;
  if (request === undefined) throw new Error('nothing was asked');
  const most = new TokenEstimates().most('p', request);
  console.log(`planner: at most ${most} tokens for ${actions.length} actions`);
  expect(most).toBeLessThanOrEqual(8000);
});
