import type { ChatAnswer, ChatChunk, ChatRequest, ModelProvider, TokenUsage } from '@countersign/kernel';
import { accept, type ErrorCode, type Outcome } from '@countersign/protocol';
import type { EngineContext } from '../context/context.ts';

/** Refusals with which the provider has not begun to answer. */
const unspent: ReadonlySet<ErrorCode> = new Set([
  'E_PROVIDER_NO_MODEL',
  'E_PROVIDER_UNAVAILABLE',
  'E_PROVIDER_RATE_LIMITED',
  'E_PROVIDER_AUTH',
  'E_PROVIDER_MODEL_NOT_FOUND',
  'E_PROVIDER_REJECTED',
]);

/** Whether a provider counted at all, and in numbers that can be. */
function isCounted({ tokensIn, tokensOut }: TokenUsage): boolean {
  return [tokensIn, tokensOut].every((count) => Number.isSafeInteger(count) && count >= 0) && tokensIn + tokensOut > 0;
}

/** What an answer says that it used; null where nobody knows: some local servers count nothing. */
function usedBy(outcome: Outcome<ChatAnswer>): TokenUsage | null {
  if (outcome.ok) {
    const { usage } = outcome.value;
    return isCounted(usage) ? usage : null;
  }
  const { tokens_in: tokensIn, tokens_out: tokensOut } = outcome.detail;
  if (typeof tokensIn === 'number' && typeof tokensOut === 'number') {
    const usage = { tokensIn, tokensOut };
    return isCounted(usage) ? usage : null;
  }
  return unspent.has(outcome.code) ? { tokensIn: 0, tokensOut: 0 } : null;
}

/** A call that was let through, with its attempt under way. */
interface Admitted {
  /** The request as it is handed on: whoever attempts it again pays again. */
  readonly request: ChatRequest;
  settle(outcome: Outcome<ChatAnswer>): void;
  /** Whatever became of it: what is not settled by now counts whole. */
  end(): void;
}

/**
 * A provider whose every attempt draws on the budgets of these projects: what it may use is set aside before it is made and
 * settled by what it used. A call that is over budget is refused with E_PROVIDER_BUDGET and never made; one whose next attempt
 * would be ends with what its last one answered. Where nobody knows what was used, because the answer broke off or nothing was
 * counted, all that was set aside counts.
 */
export function budgetedProvider(
  { tokenBudget, modelMeter }: Pick<EngineContext, 'tokenBudget' | 'modelMeter'>,
  provider: ModelProvider,
  projects: readonly string[],
): ModelProvider {
  const reserve = (request: ChatRequest): Outcome<Omit<Admitted, 'request'>> => {
    const most = tokenBudget.estimates.most(provider.name, request);
    const reserved = tokenBudget.reserve(projects, most);
    if (!reserved.ok) {
      modelMeter.recordAiBudgetRefusal();
      return reserved;
    }
    return accept({
      settle(outcome) {
        const used = usedBy(outcome);
        reserved.value.settle(used === null ? most : used.tokensIn + used.tokensOut);
        if (used === null) return;
        modelMeter.recordAiTokens(provider.name, used.tokensIn, used.tokensOut);
        tokenBudget.estimates.learn(provider.name, request, used.tokensIn);
      },
      end: () => reserved.value.settle(most),
    });
  };
  const admit = (request: ChatRequest): Outcome<Admitted> => {
    const first = reserve(request);
    if (!first.ok) return first;
    let attempt: Omit<Admitted, 'request'> | null = first.value;
    return accept({
      request: {
        ...request,
        payAgain(failed) {
          attempt?.settle(failed);
          const next = reserve(request);
          attempt = next.ok ? next.value : null;
          return next.ok ? accept(null) : next;
        },
      },
      settle: (outcome) => attempt?.settle(outcome),
      end: () => attempt?.end(),
    });
  };
  return {
    name: provider.name,
    type: provider.type,
    model: provider.model,
    capabilities: () => provider.capabilities(),
    listModels: (signal) => provider.listModels(signal),
    healthcheck: (signal) => provider.healthcheck(signal),
    async chatOnce(request) {
      const admitted = admit(request);
      if (!admitted.ok) return admitted;
      try {
        const outcome = await provider.chatOnce(admitted.value.request);
        admitted.value.settle(outcome);
        return outcome;
      } finally {
        admitted.value.end();
      }
    },
    async *chatStream(request): AsyncGenerator<ChatChunk> {
      const admitted = admit(request);
      if (!admitted.ok) {
        yield { kind: 'end', outcome: admitted };
        return;
      }
      try {
        for await (const chunk of provider.chatStream(admitted.value.request)) {
          if (chunk.kind === 'end') admitted.value.settle(chunk.outcome);
          yield chunk;
        }
      } finally {
        admitted.value.end();
      }
    },
  };
}
