import { z } from 'zod';
import type { Dialect } from './dialect.ts';

const Models = z.object({ models: z.array(z.object({ name: z.string() })) });

/** Google's Gemini API. */
export const gemini: Dialect = {
  async languageModel({ name, baseUrl, model }, key, fetch) {
    const { createGoogle } = await import('@ai-sdk/google');
    // Left out, the SDK would look for a key in the environment by itself.
    return createGoogle({ name, baseURL: baseUrl, fetch, apiKey: key ?? '' }).languageModel(model);
  },
  modelsUrl: ({ baseUrl }) => `${baseUrl}/models?pageSize=1000`,
  keyHeaders: (key) => (key === null ? {} : { 'x-goog-api-key': key }),
  readModels(answer) {
    const parsed = Models.safeParse(answer);
    return parsed.success ? parsed.data.models.map(({ name }) => name.replace(/^models\//, '')) : null;
  },
};
