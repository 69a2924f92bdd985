import { CodedError, type ErrorCode, type Refusal, refuse } from '@countersign/protocol';
import type { ProviderSettings } from './provider-settings.ts';
import type { Exchange } from './sdk-fetch.ts';

/** A failed attempt: what to answer, whether another may succeed, and whether it says that the provider is down. */
export interface Failure {
  readonly refusal: Refusal;
  readonly retryable: boolean;
  readonly down: boolean;
}

type About = Pick<ProviderSettings, 'name' | 'baseUrl' | 'model'>;

function originOf({ baseUrl }: About): string {
  return URL.canParse(baseUrl) ? new URL(baseUrl).origin : 'its address';
}

function failure(
  code: ErrorCode,
  message: string,
  next: string,
  { retryable = false, down = false, retryAfterMs = null as number | null } = {},
): Failure {
  const detail = retryAfterMs === null ? { next } : { next, retry_after_ms: Math.ceil(retryAfterMs) };
  return { refusal: refuse(code, message, detail), retryable, down };
}

/** Its own words may hold the prompt or a part of the key: only what is looked for in them is taken. */
function says(body: string, ...words: readonly string[]): boolean {
  const text = body.toLowerCase();
  return words.some((word) => text.includes(word));
}

function judgeStatus(about: About, status: number, body: string, retryAfterMs: number | null): Failure {
  const { name, model } = about;
  const answered = `provider "${name}" answered ${status}`;
  const missing = says(body, 'model_not_found', 'not_found_error', 'model not found', 'is not found for api version');
  if (status === 401 || status === 403 || (status === 400 && says(body, 'api_key_invalid', 'api key not valid'))) {
    return failure(
      'E_PROVIDER_AUTH',
      `${answered}: it does not take the configured key`,
      'check api_key of that provider',
    );
  }
  if (status === 404 || ((status === 400 || status === 422) && missing)) {
    return failure(
      'E_PROVIDER_MODEL_NOT_FOUND',
      `${answered}: it has no model "${model}", or its base_url is another one`,
      `see \`countersign provider test ${name}\` for the models that it has`,
    );
  }
  if (status === 429) {
    const spent = says(body, 'insufficient_quota', 'billing');
    return failure(
      'E_PROVIDER_RATE_LIMITED',
      `${answered}: ${spent ? 'its quota is used up' : 'it takes no more requests now'}`,
      spent
        ? 'look at the account there, or switch to another provider'
        : 'ask again later, or switch to another provider',
      { retryable: !spent, retryAfterMs },
    );
  }
  if (status === 408) {
    return failure('E_PROVIDER_TIMEOUT', `${answered}: it ran out of time itself`, 'ask again', {
      retryable: true,
      down: true,
    });
  }
  if (status === 502 || status === 503 || status === 504 || status === 529) {
    return failure(
      'E_PROVIDER_UNAVAILABLE',
      `${answered}: it is not ready`,
      'ask again later, or switch to another provider',
      {
        retryable: true,
        down: true,
        retryAfterMs,
      },
    );
  }
  if (status >= 500) {
    return failure('E_PROVIDER_UPSTREAM', `${answered}: it failed`, 'ask again later, or switch to another provider', {
      retryable: true,
      down: true,
      retryAfterMs,
    });
  }
  if (status >= 400) {
    return failure(
      'E_PROVIDER_REJECTED',
      `${answered}: it does not take such a request`,
      'check type, base_url and model of that provider; `structured: false` helps where it knows no JSON schemas',
    );
  }
  return failure(
    'E_PROVIDER_UPSTREAM',
    `${answered} with something that is not of its protocol`,
    'check type and base_url of that provider',
    {
      down: true,
    },
  );
}

function judgeThrown(about: About, error: unknown): Failure {
  const { name } = about;
  if (error instanceof CodedError && error.code === 'E_OUTBOUND_REFUSED') {
    const { next } = error.detail;
    return failure(
      'E_PROVIDER_UNAVAILABLE',
      `provider "${name}" may not be called: ${error.message}`,
      typeof next === 'string' ? next : 'check base_url of that provider',
    );
  }
  if (error instanceof CodedError && error.code === 'E_CONFIG') {
    return failure('E_PROVIDER_AUTH', error.message, 'set that variable where the server runs, then start it again');
  }
  return failure(
    'E_PROVIDER_UNAVAILABLE',
    `provider "${name}" cannot be reached at ${originOf(about)}`,
    `start it, or check base_url; see \`countersign provider test ${name}\``,
    { retryable: true, down: true },
  );
}

/** Why waiting ended, before anything is said about the provider. */
export interface Ending {
  /** The caller went away. */
  readonly cancelled: boolean;
  /** The time was over. */
  readonly late: boolean;
  readonly timeoutMs: number;
}

/**
 * Turns whatever an attempt threw into a typed refusal. Neither the prompt nor a key nor the provider's own words are in it:
 * status, name and origin only.
 */
export function judgeFailure(
  about: About,
  exchange: Exchange,
  body: string,
  { cancelled, late, timeoutMs }: Ending,
): Failure {
  const { name } = about;
  if (cancelled) {
    return failure('E_PROVIDER_CANCELLED', 'nobody waited for the answer any more', 'ask again');
  }
  if (late) {
    return failure(
      'E_PROVIDER_TIMEOUT',
      `provider "${name}" gave no whole answer in ${timeoutMs} ms`,
      'ask again, raise timeout_seconds, or switch to another provider',
      { down: true },
    );
  }
  if (exchange.thrown !== null || exchange.status === null) return judgeThrown(about, exchange.thrown);
  return judgeStatus(about, exchange.status, body, exchange.retryAfterMs);
}

/** The answer began and broke off. */
export function cutOff({ name }: Pick<About, 'name'>, retryable: boolean): Failure {
  return failure(
    'E_PROVIDER_CUT',
    `the answer of provider "${name}" ended before it was whole`,
    'ask again; if it happens each time, look at what stands between this server and the provider',
    { retryable, down: true },
  );
}
