import type { ModelProvider } from '@countersign/kernel';
import { accept, refuse } from '@countersign/protocol';

const noModel = refuse(
  'E_PROVIDER_NO_MODEL',
  'the active provider "rules" plans by a grammar and has no model to ask',
  {
    next: 'make a provider with a model active: see `countersign provider ls`, then `countersign provider use NAME`',
  },
);

/** The provider that needs nothing and is always there. It plans by the rules planner; there is no model to chat with. */
export const rulesProvider: ModelProvider = {
  name: 'rules',
  type: 'rules',
  model: 'rules',
  capabilities: () => ({ streaming: false, structured: false }),
  listModels: async () => accept([]),
  healthcheck: async () => accept({ latencyMs: 0, models: [] }),
  chatOnce: async () => noModel,
  async *chatStream() {
    yield { kind: 'end', outcome: noModel };
  },
};
