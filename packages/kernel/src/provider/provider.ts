import type { Json, JsonObject, Outcome, Refusal } from '@countersign/protocol';

/** How a provider is spoken to: the wire format of OpenAI (also LM Studio, Ollama), Anthropic or Gemini, or no model at all. */
export type ProviderType = 'openai_compat' | 'anthropic' | 'gemini' | 'rules';

/** One turn of a conversation, oldest first. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export interface ChatRequest {
  readonly messages: readonly ChatMessage[];
  /** The most tokens that may come back; what is reserved of the budget counts with it. */
  readonly maxOutputTokens: number;
  /** JSON Schema that the answer must satisfy; null for free text. */
  readonly schema: JsonObject | null;
  /** Milliseconds until the answer must be complete. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /**
   * Asked right before every attempt after the first, with what became of the one before it: each attempt is paid for by itself.
   * A refusal says that there is nothing to pay another with; the attempt is not made. Absent where nobody counts.
   */
  readonly payAgain?: (failed: Refusal) => Outcome<null>;
}

/** Tokens as the provider counted them. */
export interface TokenUsage {
  readonly tokensIn: number;
  readonly tokensOut: number;
}

export interface ChatAnswer {
  readonly text: string;
  /** The text as JSON that satisfies the request's schema; null where none was asked for. */
  readonly object: Json;
  readonly model: string;
  readonly usage: TokenUsage;
}

/** What a stream says: pieces of text, then exactly one end. A stream that just stops was cut and ends with a refusal. */
export type ChatChunk =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'end'; readonly outcome: Outcome<ChatAnswer> };

export interface ProviderCapabilities {
  readonly streaming: boolean;
  /** Whether it keeps to a JSON Schema by itself. */
  readonly structured: boolean;
}

export interface ProviderHealth {
  readonly latencyMs: number;
  readonly models: readonly string[];
}

/** One source of models. Every refusal carries an `E_PROVIDER_*` code; nothing here throws for what a provider does. */
export interface ModelProvider {
  /** Its name in the configuration. */
  readonly name: string;
  readonly type: ProviderType;
  readonly model: string;
  capabilities(): ProviderCapabilities;
  listModels(signal: AbortSignal): Promise<Outcome<readonly string[]>>;
  healthcheck(signal: AbortSignal): Promise<Outcome<ProviderHealth>>;
  chatOnce(request: ChatRequest): Promise<Outcome<ChatAnswer>>;
  chatStream(request: ChatRequest): AsyncIterable<ChatChunk>;
}

/** What a million tokens cost, in a currency of the operator's. */
export interface TokenPrice {
  readonly currency: string;
  readonly inputPerMillion: number;
  readonly outputPerMillion: number;
}

/** A provider as the configuration says it, without its key. */
export interface ProviderEntry {
  readonly name: string;
  readonly type: ProviderType;
  readonly model: string;
  /** Where it is; null for `rules`. */
  readonly baseUrl: string | null;
  /** Whether a key is configured; never the key. */
  readonly keyed: boolean;
  /** Null where nobody said. */
  readonly price: TokenPrice | null;
}

/** What is wrong with the configuration of providers as it is written now. */
export interface ProviderFault {
  readonly file: string;
  readonly line: number | null;
  readonly problem: string;
}

/** What became of reading it again. */
export type ProviderReload =
  | { readonly kind: 'same' }
  | { readonly kind: 'changed' }
  | { readonly kind: 'refused'; readonly faults: readonly ProviderFault[] };

/** The configured providers. Which one is active is a setting in the database, read at each new request. */
export interface Providers {
  /** All of them by name, in the order of the configuration; `rules` is always there and comes first. */
  all(): readonly ModelProvider[];
  named(name: string): ModelProvider | null;
  /** The same as people may see them. */
  entries(): readonly ProviderEntry[];
  /** The name that is active until somebody switches, and again once the configuration names another one. */
  readonly byDefault: string;
  /** Reads the configuration and answers a key: the same for the same providers, or the same fault. Takes nothing over. */
  look(): string;
  /** Reads the configuration again; what is not valid changes nothing. With a key of `look` only what has that key is taken over. */
  reload(only?: string): ProviderReload;
  /** What is wrong with it as it is written now; while this is not empty, what was loaded before stays. */
  faults(): readonly ProviderFault[];
}
