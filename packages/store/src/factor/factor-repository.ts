import type { FactorWrites, Passkey, Totp } from '@countersign/kernel';
import { sql } from 'kysely';
import { z } from 'zod';
import { bytes, integer, json } from '../codec/column.ts';
import { jsonText } from '../codec/json-text.ts';
import { Prepared, preparedSql } from '../database/prepared.ts';
import type { Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';

/** Columns of `passkey`. */
export const PasskeyRow = z.object({
  id: z.string(),
  person_id: z.string(),
  name: z.string(),
  public_key: bytes,
  counter: integer,
  transports: json(z.array(z.string())),
  created_at: integer,
  last_used_at: integer.nullable(),
});
export type PasskeyRow = z.input<typeof PasskeyRow>;

/** Columns of `totp`. */
export const TotpRow = z.object({
  person_id: z.string(),
  name: z.string(),
  nonce: bytes,
  ciphertext: bytes,
  created_at: integer,
  confirmed_at: integer.nullable(),
  last_step: integer,
});
export type TotpRow = z.input<typeof TotpRow>;

const passkeys = new Table('passkey', PasskeyRow, ['id']);
const totps = new Table('totp', TotpRow, ['person_id']);
const passkeysOf = new Prepared<{ person_id: string }>((db, parameter) =>
  db
    .selectFrom('passkey')
    .selectAll()
    .where('person_id', '=', parameter('person_id'))
    .orderBy('created_at')
    .orderBy('id'),
);
/** A counter that is kept must rise (WebAuthn, 7.2); one that stays 0 is not kept by the authenticator. */
const usePasskey = preparedSql<{ id: string; counter: number; at: number }>(
  (parameter) => sql`
    update passkey set counter = ${parameter('counter')}, last_used_at = ${parameter('at')}
    where id = ${parameter('id')}
      and (counter < ${parameter('counter')} or (counter = 0 and ${parameter('counter')} = 0))`,
);
const removePasskey = preparedSql<{ id: string; person_id: string }>(
  (parameter) => sql`
    delete from passkey where id = ${parameter('id')} and person_id = ${parameter('person_id')}`,
);
/** RFC 6238, 5.2: a code counts once, so the step must be newer than the last. */
const useTotp = preparedSql<{ person_id: string; step: number; at: number }>(
  (parameter) => sql`
    update totp set last_step = ${parameter('step')}, confirmed_at = coalesce(confirmed_at, ${parameter('at')})
    where person_id = ${parameter('person_id')} and last_step < ${parameter('step')}`,
);
const removeTotp = preparedSql<{ person_id: string }>(
  (parameter) => sql`delete from totp where person_id = ${parameter('person_id')}`,
);

/** Passkeys and TOTP secrets of people. */
export class FactorRepository implements FactorWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async passkeys(personId: string): Promise<Passkey[]> {
    const { rows } = await this.#session.execute(passkeysOf.bind(this.#session.dialect, { person_id: personId }));
    return rows.map((row) => passkeyOf(passkeys.decode(row)));
  }

  async passkey(id: string): Promise<Passkey | null> {
    const row = await passkeys.get(this.#session, { id });
    return row && passkeyOf(row);
  }

  async totp(personId: string): Promise<Totp | null> {
    const row = await totps.get(this.#session, { person_id: personId });
    if (row === null) return null;
    const { name, nonce, ciphertext } = row;
    const times = { createdAt: row.created_at, confirmedAt: row.confirmed_at, lastStep: row.last_step };
    return { personId, name, nonce, ciphertext, ...times };
  }

  async addPasskey(passkey: Passkey): Promise<boolean> {
    const { id, name, counter, publicKey, transports } = passkey;
    return await passkeys.insertNew(this.#session, {
      id,
      person_id: passkey.personId,
      name,
      public_key: publicKey,
      counter,
      transports: jsonText(transports),
      created_at: passkey.createdAt,
      last_used_at: passkey.lastUsedAt,
    });
  }

  async usePasskey(id: string, counter: number, at: number): Promise<boolean> {
    const { changes } = await this.#session.execute(usePasskey.bind(this.#session.dialect, { id, counter, at }));
    return changes > 0;
  }

  async removePasskey(personId: string, id: string): Promise<boolean> {
    const values = { id, person_id: personId };
    return (await this.#session.execute(removePasskey.bind(this.#session.dialect, values))).changes > 0;
  }

  async putTotp(totp: Totp): Promise<void> {
    const { personId, name, nonce, ciphertext } = totp;
    const times = { created_at: totp.createdAt, confirmed_at: totp.confirmedAt, last_step: totp.lastStep };
    await totps.upsert(this.#session, { person_id: personId, name, nonce, ciphertext, ...times });
  }

  async useTotp(personId: string, step: number, at: number): Promise<boolean> {
    const values = { person_id: personId, step, at };
    return (await this.#session.execute(useTotp.bind(this.#session.dialect, values))).changes > 0;
  }

  async removeTotp(personId: string): Promise<boolean> {
    const statement = removeTotp.bind(this.#session.dialect, { person_id: personId });
    return (await this.#session.execute(statement)).changes > 0;
  }
}

function passkeyOf(row: z.output<typeof PasskeyRow>): Passkey {
  return {
    id: row.id,
    personId: row.person_id,
    name: row.name,
    publicKey: row.public_key,
    counter: row.counter,
    transports: row.transports,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  };
}
