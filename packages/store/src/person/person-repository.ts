import type { ExternalIdentity, Person, PersonWrites } from '@countersign/kernel';
import { CodedError, Grant, Name } from '@countersign/protocol';
import { z } from 'zod';
import { integer, json } from '../codec/column.ts';
import { jsonText } from '../codec/json-text.ts';
import { Prepared } from '../database/prepared.ts';
import { firstRow, type Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';

/** Columns of `person`; `name` and (`issuer`, `subject`) are unique. */
export const PersonRow = z.object({
  id: z.string(),
  name: z.string(),
  grants: json(z.array(Grant)),
  approver_groups: json(z.array(Name)),
  state: z.enum(['active', 'disabled']),
  password_hash: z.string().nullable(),
  issuer: z.string().nullable(),
  subject: z.string().nullable(),
  invited_by: z.string(),
  created_at: integer,
  signed_in_at: integer.nullable(),
});
export type PersonRow = z.input<typeof PersonRow>;

const table = new Table('person', PersonRow, ['id'], ['name', 'invited_by', 'created_at']);
const byName = new Prepared<{ name: string }>((db, parameter) =>
  db.selectFrom('person').selectAll().where('name', '=', parameter('name')),
);
const byIdentity = new Prepared<{ issuer: string; subject: string }>((db, parameter) =>
  db
    .selectFrom('person')
    .selectAll()
    .where('issuer', '=', parameter('issuer'))
    .where('subject', '=', parameter('subject')),
);
const all = new Prepared<Record<never, never>>((db) => db.selectFrom('person').selectAll().orderBy('name'));

/** People. */
export class PersonRepository implements PersonWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async get(id: string): Promise<Person | null> {
    const row = await table.get(this.#session, { id });
    return row && personOf(row);
  }

  async lock(id: string): Promise<Person | null> {
    const row = await table.lock(this.#session, { id });
    return row && personOf(row);
  }

  async byName(name: string): Promise<Person | null> {
    const row = await firstRow(this.#session, byName.bind(this.#session.dialect, { name }));
    return row === null ? null : personOf(table.decode(row));
  }

  async byIdentity({ issuer, subject }: ExternalIdentity): Promise<Person | null> {
    const row = await firstRow(this.#session, byIdentity.bind(this.#session.dialect, { issuer, subject }));
    return row === null ? null : personOf(table.decode(row));
  }

  async list(): Promise<Person[]> {
    const { rows } = await this.#session.execute(all.bind(this.#session.dialect, {}));
    return rows.map((row) => personOf(table.decode(row)));
  }

  async insert(person: Person): Promise<boolean> {
    return await table.insertNew(this.#session, personRow(person));
  }

  async save(person: Person): Promise<void> {
    if (!(await table.update(this.#session, personRow(person)))) {
      throw new CodedError('E_INTERNAL', `There is no person ${person.id} to save.`);
    }
  }
}

function personOf(row: z.output<typeof PersonRow>): Person {
  const { id, name, grants, state, issuer, subject } = row;
  return {
    id,
    name,
    grants,
    groups: row.approver_groups,
    state,
    passwordHash: row.password_hash,
    identity: issuer === null || subject === null ? null : { issuer, subject },
    invitedBy: row.invited_by,
    createdAt: row.created_at,
    signedInAt: row.signed_in_at,
  };
}

function personRow(person: Person): PersonRow {
  return {
    id: person.id,
    name: person.name,
    grants: jsonText(person.grants),
    approver_groups: jsonText(person.groups),
    state: person.state,
    password_hash: person.passwordHash,
    issuer: person.identity?.issuer ?? null,
    subject: person.identity?.subject ?? null,
    invited_by: person.invitedBy,
    created_at: person.createdAt,
    signed_in_at: person.signedInAt,
  };
}
