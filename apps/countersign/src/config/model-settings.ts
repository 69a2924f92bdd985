import type { ModelSettings } from '@countersign/engine';
import { CodedError } from '@countersign/protocol';
import type { ProvidersConfig } from './provider-config.ts';

function fromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  least: number,
): number | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new CodedError('E_CONFIG', `${name}: expected a whole number of at least ${least}`, {
    field: name,
    next: 'set a number, or unset it',
  });
}

/** Bounds for models: the configuration's, else the source's variables, else the source's numbers (IP-2). */
export function modelSettingsOf(
  { max_tokens_per_minute, max_output_tokens, timeout_seconds }: ProvidersConfig,
  env: Readonly<Record<string, string | undefined>>,
): ModelSettings {
  return {
    tokensPerMinute: max_tokens_per_minute ?? fromEnvironment(env, 'AI_MAX_TOKENS_PER_MIN', 100) ?? 8000,
    outputTokens: max_output_tokens ?? fromEnvironment(env, 'AI_MAX_OUTPUT_TOKENS', 16) ?? 800,
    timeoutMs: timeout_seconds * 1000,
  };
}
