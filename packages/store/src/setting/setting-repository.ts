import type { SettingWrites } from '@countersign/kernel';
import { type Json, JsonValue } from '@countersign/protocol';
import { z } from 'zod';
import { json } from '../codec/column.ts';
import { jsonText } from '../codec/json-text.ts';
import type { Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';

/** Columns of `setting`. */
export const SettingRow = z.object({ key: z.string(), value: json(JsonValue) });
export type SettingRow = z.input<typeof SettingRow>;

const table = new Table('setting', SettingRow, ['key']);

/** Installation-wide values. */
export class SettingRepository implements SettingWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async get(key: string): Promise<Json | undefined> {
    const row = await table.get(this.#session, { key });
    return row === null ? undefined : row.value;
  }

  async set(key: string, value: Json): Promise<void> {
    await table.upsert(this.#session, { key, value: jsonText(value) });
  }
}
