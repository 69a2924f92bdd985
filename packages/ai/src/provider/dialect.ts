import type { LanguageModel } from 'ai';
import type { ProviderSettings } from './provider-settings.ts';

/** What differs between the wire formats of providers. */
export interface Dialect {
  /** The AI SDK's model that speaks it, through this fetch alone. */
  languageModel(settings: ProviderSettings, key: string | null, fetch: typeof globalThis.fetch): Promise<LanguageModel>;
  /** Where its models are listed. */
  modelsUrl(settings: ProviderSettings): string;
  /** Headers that carry the key. */
  keyHeaders(key: string | null): Readonly<Record<string, string>>;
  /** The models in an answer of `modelsUrl`; null where it is something else. */
  readModels(answer: unknown): readonly string[] | null;
}
