import type { DraftRecord, DraftWrites } from '@countersign/kernel';
import { CodedError, Failure, JsonObject } from '@countersign/protocol';
import { z } from 'zod';
import { integer, json } from '../codec/column.ts';
import { jsonText, jsonTextOrNull } from '../codec/json-text.ts';
import type { Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';

const StoredGeneration = z.object({
  state: z.enum(['running', 'done', 'failed']),
  provider: z.string(),
  command: z.string().nullable(),
  request: z.object({
    system: z.string(),
    prompt: z.string(),
    schema: JsonObject.nullable(),
    maxOutputTokens: z.int(),
  }),
  failure: Failure.nullable(),
  endedAt: z.int().nullable(),
});

/** Columns of `draft`. */
export const DraftRow = z.object({
  operation_id: z.string(),
  prompt: json(z.string()),
  generation: json(StoredGeneration).nullable(),
  created_at: integer,
});
export type DraftRow = z.input<typeof DraftRow>;

const table = new Table('draft', DraftRow, ['operation_id'], ['created_at']);

/** What drafts have beside their operations. */
export class DraftRepository implements DraftWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async get(operationId: string): Promise<DraftRecord | null> {
    const row = await table.get(this.#session, { operation_id: operationId });
    return row === null ? null : draftOf(row);
  }

  async insert(draft: DraftRecord): Promise<void> {
    await table.insert(this.#session, rowOf(draft));
  }

  async save(draft: DraftRecord): Promise<void> {
    if (!(await table.update(this.#session, rowOf(draft)))) {
      throw new CodedError('E_INTERNAL', `There is no draft ${draft.operationId} to save.`);
    }
  }
}

function draftOf(row: z.output<typeof DraftRow>): DraftRecord {
  const { operation_id: operationId, prompt, generation, created_at: createdAt } = row;
  return { operationId, prompt, generation, createdAt };
}

function rowOf({ operationId, prompt, generation, createdAt }: DraftRecord): DraftRow {
  return {
    operation_id: operationId,
    prompt: jsonText(prompt),
    generation: jsonTextOrNull(generation),
    created_at: createdAt,
  };
}
