import { z } from 'zod';
import { Name } from '../scalar/scalar.ts';

export const ProviderType = z.enum(['openai_compat', 'anthropic', 'gemini', 'rules']);

const Price = z.strictObject({
  currency: z.string(),
  input_per_million: z.number(),
  output_per_million: z.number(),
});

/** A configured provider, without its key. */
export const ProviderView = z.strictObject({
  name: Name,
  type: ProviderType,
  base_url: z.string().nullable(),
  model: z.string(),
  /** Whether a key is configured; the key itself is never told. */
  keyed: z.boolean(),
  price: Price.nullable(),
});
export type ProviderView = z.infer<typeof ProviderView>;

/** The configured providers of models, and which of them new requests ask. */
export const ProvidersView = z.strictObject({
  active: Name,
  providers: z.array(ProviderView),
  budget: z.strictObject({ tokens_per_minute: z.int(), output_tokens: z.int() }),
  /** What is wrong with the configuration as it is written now; what was loaded before stays. */
  faults: z.array(z.strictObject({ file: z.string(), line: z.int().nullable(), problem: z.string() })),
});
export type ProvidersView = z.infer<typeof ProvidersView>;

/** Switches new requests to another provider. */
export const ProviderSwitchRequest = z.strictObject({ active: Name });
export type ProviderSwitchRequest = z.infer<typeof ProviderSwitchRequest>;

/** The source's answer of `/ops/provider`: its `provider.json` without keys. */
export const SourceProviderView = z.strictObject({
  active: Name,
  providers: z.record(
    z.string(),
    z.strictObject({ type: ProviderType, base_url: z.string().optional(), model: z.string() }),
  ),
});
export type SourceProviderView = z.infer<typeof SourceProviderView>;

/** Whether a provider answers now. */
export const ProviderHealthView = z.strictObject({
  name: Name,
  ok: z.boolean(),
  latency_ms: z.int().nonnegative().nullable(),
  /** Models that it offers, at most 100. */
  models: z.array(z.string()),
  /** Whether the configured model is among them; null where it does not tell its models. */
  has_model: z.boolean().nullable(),
  error: z.strictObject({ code: z.string(), message: z.string(), next: z.string() }).nullable(),
});
export type ProviderHealthView = z.infer<typeof ProviderHealthView>;
