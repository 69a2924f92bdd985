import { z } from 'zod';
import type { Dialect } from './dialect.ts';

const Models = z.object({ data: z.array(z.object({ id: z.string() })) });

/** The chat completions API: OpenAI, LM Studio, Ollama at `/v1`, and whatever else speaks it. */
export const openaiCompat: Dialect = {
  async languageModel({ name, baseUrl, model, structured }, key, fetch) {
    const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
    const provider = createOpenAICompatible({
      name,
      baseURL: baseUrl,
      fetch,
      includeUsage: true,
      supportsStructuredOutputs: structured,
      ...(key === null ? {} : { apiKey: key }),
    });
    return provider.chatModel(model);
  },
  modelsUrl: ({ baseUrl }) => `${baseUrl}/models`,
  keyHeaders: (key) => (key === null ? {} : { authorization: `Bearer ${key}` }),
  readModels(answer) {
    const parsed = Models.safeParse(answer);
    return parsed.success ? parsed.data.data.map(({ id }) => id) : null;
  },
};
