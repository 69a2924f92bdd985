import { z } from 'zod';
import type { Dialect } from './dialect.ts';

const Models = z.object({ data: z.array(z.object({ id: z.string() })) });

/** Anthropic's messages API. */
export const anthropic: Dialect = {
  async languageModel({ name, baseUrl, model }, key, fetch) {
    const { createAnthropic } = await import('@ai-sdk/anthropic');
    // Left out, the SDK would look for a key in the environment by itself.
    return createAnthropic({ name, baseURL: baseUrl, fetch, apiKey: key ?? '' }).languageModel(model);
  },
  modelsUrl: ({ baseUrl }) => `${baseUrl}/models?limit=1000`,
  keyHeaders: (key) => ({ 'anthropic-version': '2023-06-01', ...(key === null ? {} : { 'x-api-key': key }) }),
  readModels(answer) {
    const parsed = Models.safeParse(answer);
    return parsed.success ? parsed.data.data.map(({ id }) => id) : null;
  },
};
