import type { Dialect } from '../dialect/dialect.ts';
import type { SchemaChange } from './migration.ts';

const changed = ['position', 'entry_id', 'at', 'event', 'actor', 'subject_id', 'outcome', 'text', 'leaf_hash']
  .map((column) => `old.${column} is not new.${column}`)
  .join(' or ');

/** Triggers that refuse every change of an entry but giving a leaf index to one that has none. */
const appendOnly: Record<Dialect['name'], readonly string[]> = {
  sqlite: [
    `create trigger audit_no_update before update on audit
     when old.leaf_index is not null or new.leaf_index is null or ${changed}
     begin select raise(abort, 'the audit is append-only'); end`,
    `create trigger audit_no_delete before delete on audit
     begin select raise(abort, 'the audit is append-only'); end`,
  ],
  postgres: [
    `create function audit_append_only() returns trigger language plpgsql as $$
     begin
       if tg_op = 'UPDATE' then
         if old.leaf_index is null and new.leaf_index is not null
           and (to_jsonb(old) - 'leaf_index') = (to_jsonb(new) - 'leaf_index') then
           return new;
         end if;
       end if;
       raise exception 'the audit is append-only';
     end $$`,
    `create trigger audit_no_change before update or delete on audit
     for each row execute function audit_append_only()`,
    `create trigger audit_no_truncate before truncate on audit
     for each statement execute function audit_append_only()`,
  ],
};

/** The audit, the hashes of its complete subtrees, and signed checkpoints. */
export const auditTables: SchemaChange = {
  name: '0004_audit',
  statements: ({ name, types: { text, integer, position, tableOptions } }) => [
    `create table audit (
      position ${position},
      entry_id ${text} not null unique,
      leaf_index ${integer} unique check (leaf_index >= 0),
      at ${integer} not null,
      event ${text} not null,
      actor ${text} not null,
      subject_id ${text} not null,
      outcome ${text} not null check (outcome in ('ok', 'refused', 'failed', 'unknown')),
      text ${text} not null,
      leaf_hash ${text} not null check (length(leaf_hash) = 64)
    ) ${tableOptions}`,
    `create index audit_waiting on audit (position) where leaf_index is null`,
    `create index audit_subject on audit (subject_id, leaf_index)`,
    `create index audit_actor on audit (actor, leaf_index)`,
    `create index audit_event on audit (event, leaf_index)`,
    ...appendOnly[name],
    `create table audit_tile (
      level ${integer} not null check (level > 0),
      tile_index ${integer} not null check (tile_index >= 0),
      hash ${text} not null,
      primary key (level, tile_index)
    ) ${tableOptions}`,
    `create table checkpoint (
      tree_size ${integer} primary key,
      root_hash ${text} not null,
      frontier ${text} not null,
      note ${text} not null,
      at ${integer} not null
    ) ${tableOptions}`,
  ],
};
