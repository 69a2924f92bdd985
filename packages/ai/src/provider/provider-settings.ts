import type { ProviderType, TokenPrice } from '@countersign/kernel';

/** One configured provider with a model. Of the key only the way to it is kept: it is looked up at each call. */
export interface ProviderSettings {
  readonly name: string;
  readonly type: Exclude<ProviderType, 'rules'>;
  /** Where its API is: `http://localhost:11434/v1`. No slash at its end. */
  readonly baseUrl: string;
  readonly model: string;
  /** The key as it is now; null where none is configured. E_CONFIG names a variable that is not set. */
  readonly key: () => string | null;
  readonly keyed: boolean;
  readonly price: TokenPrice | null;
  /** Whether it may be sent a JSON Schema to keep to. */
  readonly structured: boolean;
}

/** What leaves to a provider. */
export interface ProviderCall {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** What a provider reaches the world through. */
export interface ProviderHost {
  /** Bound to the provider's origin; throws E_OUTBOUND_* for what may not leave or did not come back. */
  fetch(url: string, call: ProviderCall): Promise<Response>;
  /** Milliseconds that never go back. */
  now(): number;
  /** From 0 to 1, for jitter. */
  random(): number;
  /** Resolves after so many milliseconds; rejects with the reason of the signal. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}
