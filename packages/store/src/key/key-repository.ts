import type { InstallationKey, KeyWrites } from '@countersign/kernel';
import { CodedError, DsseEnvelope, KeyPurpose, KeyState } from '@countersign/protocol';
import { sql } from 'kysely';
import { z } from 'zod';
import { integer, json } from '../codec/column.ts';
import { jsonText } from '../codec/json-text.ts';
import { Prepared, preparedSql } from '../database/prepared.ts';
import { firstRow, type Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';

/** Columns of `installation_key`. */
export const KeyRow = z.object({
  keyid: z.string(),
  name: z.string(),
  public_key: z.string(),
  purposes: json(z.array(KeyPurpose)),
  state: KeyState,
  from_size: integer.nullable(),
  until_size: integer.nullable(),
  statement: json(DsseEnvelope).nullable(),
  checkpoint: z.string().nullable(),
  created_at: integer,
});
export type KeyRow = z.input<typeof KeyRow>;

const table = new Table('installation_key', KeyRow, ['keyid']);
const all = new Prepared<Record<never, never>>((db) => db.selectFrom('installation_key').selectAll());
const held = preparedSql<{ keyid: string }>(
  (parameter, dialect) => sql`select * from installation_key where keyid = ${parameter('keyid')} ${dialect.forShare}`,
);

/** The installation's signing keys, public halves only. */
export class KeyRepository implements KeyWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async list(): Promise<InstallationKey[]> {
    const { rows } = await this.#session.execute(all.bind(this.#session.dialect, {}));
    const last = Number.MAX_SAFE_INTEGER;
    return rows
      .map((row) => keyOf(table.decode(row)))
      .sort((left, right) => (left.fromSize ?? last) - (right.fromSize ?? last));
  }

  async hold(keyid: string): Promise<InstallationKey | null> {
    const row = await firstRow(this.#session, held.bind(this.#session.dialect, { keyid }));
    return row === null ? null : keyOf(table.decode(row));
  }

  async lock(keyid: string): Promise<InstallationKey | null> {
    const row = await table.lock(this.#session, { keyid });
    return row && keyOf(row);
  }

  async insert(key: InstallationKey): Promise<void> {
    await table.insert(this.#session, rowOf(key));
  }

  async save(key: InstallationKey): Promise<void> {
    if (!(await table.update(this.#session, rowOf(key)))) {
      throw new CodedError('E_INTERNAL', `There is no key ${key.keyid} to save.`);
    }
  }
}

function keyOf(row: z.output<typeof KeyRow>): InstallationKey {
  const { keyid, name, public_key: publicKey, purposes, state, statement, checkpoint } = row;
  return {
    keyid,
    name,
    publicKey,
    purposes,
    state,
    fromSize: row.from_size,
    untilSize: row.until_size,
    statement,
    checkpoint,
    createdAt: row.created_at,
  };
}

function rowOf(key: InstallationKey): KeyRow {
  const { keyid, name, publicKey, purposes, state, statement, checkpoint } = key;
  return {
    keyid,
    name,
    public_key: publicKey,
    purposes: jsonText(purposes),
    state,
    from_size: key.fromSize,
    until_size: key.untilSize,
    statement: statement === null ? null : jsonText(statement),
    checkpoint,
    created_at: key.createdAt,
  };
}
