import type { ModelProvider } from '@countersign/kernel';
import { anthropic } from './anthropic.ts';
import type { Dialect } from './dialect.ts';
import { gemini } from './gemini.ts';
import { HttpProvider } from './http-provider.ts';
import { openaiCompat } from './openai-compat.ts';
import type { ProviderHost, ProviderSettings } from './provider-settings.ts';

const dialects: Readonly<Record<ProviderSettings['type'], Dialect>> = {
  openai_compat: openaiCompat,
  anthropic,
  gemini,
};

/** Where the API of a type is when the configuration does not say. */
export const defaultBaseUrls: Readonly<Record<ProviderSettings['type'], string>> = {
  openai_compat: 'https://api.openai.com/v1',
  anthropic: 'https://api.anthropic.com/v1',
  gemini: 'https://generativelanguage.googleapis.com/v1beta',
};

/** A provider over HTTP, by its settings. Nothing is called, looked up or loaded yet. */
export function createProvider(settings: ProviderSettings, host: ProviderHost): ModelProvider {
  return new HttpProvider(settings, dialects[settings.type], host);
}
