import type { Failure, JsonObject } from '@countersign/protocol';

/** What is asked of a provider, as it stood when it was asked: a server that starts again asks the same. */
export interface GenerationRequest {
  /** What the provider is told about its task, and what it is asked. */
  readonly system: string;
  readonly prompt: string;
  /** JSON Schema that the answer must satisfy; null for free text. */
  readonly schema: JsonObject | null;
  readonly maxOutputTokens: number;
}

/** How a draft's content is written by a provider, or failed to be. */
export interface Generation {
  readonly state: 'running' | 'done' | 'failed';
  /** The provider that was active when it was asked for. */
  readonly provider: string;
  /** The governed command that asks; null for a prompt of somebody's own. */
  readonly command: string | null;
  readonly request: GenerationRequest;
  /** Why it failed; null otherwise. */
  readonly failure: Failure | null;
  readonly endedAt: number | null;
}

/** What a draft has beside its operation: the prompt that it came from, and who wrote its content. */
export interface DraftRecord {
  readonly operationId: string;
  readonly prompt: string;
  /** Null where a person or an agent wrote the content. */
  readonly generation: Generation | null;
  readonly createdAt: number;
}

export interface DraftReads {
  get(operationId: string): Promise<DraftRecord | null>;
}
export interface DraftWrites extends DraftReads {
  insert(draft: DraftRecord): Promise<void>;
  save(draft: DraftRecord): Promise<void>;
}
