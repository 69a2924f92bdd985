import type { ProvidersView } from '@countersign/protocol';
import type { EngineContext } from '../context/context.ts';
import { activeProvider } from './active-provider.ts';

/** The configured providers without keys, and which is active now. */
export async function viewProviders(context: EngineContext): Promise<ProvidersView> {
  const { providers, settings } = context;
  const active = await context.store.read((reads) => activeProvider(context, reads));
  return {
    active: active.name,
    providers: providers.entries().map(({ name, type, model, baseUrl, keyed, price }) => ({
      name,
      type,
      base_url: baseUrl,
      model,
      keyed,
      price:
        price === null
          ? null
          : {
              currency: price.currency,
              input_per_million: price.inputPerMillion,
              output_per_million: price.outputPerMillion,
            },
    })),
    budget: { tokens_per_minute: settings.models.tokensPerMinute, output_tokens: settings.models.outputTokens },
    faults: providers.faults().map(({ file, line, problem }) => ({ file, line, problem })),
  };
}
