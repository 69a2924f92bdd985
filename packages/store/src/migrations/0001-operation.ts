import type { SchemaChange } from './migration.ts';

/** Operations with their plans, approvals, sealed values and request ids; settings. */
export const operationTables: SchemaChange = {
  name: '0001_operation',
  statements: ({ types: { text, integer, bytes, tableOptions } }) => [
    `create table setting (key ${text} primary key, value ${text} not null) ${tableOptions}`,
    `create table operation (
      id ${text} primary key,
      bundle_id ${text} not null,
      state ${text} not null check (state in ('draft', 'planning', 'planned', 'closed')),
      closed_reason ${text} check (closed_reason in
        ('executed', 'failed', 'cancelled', 'rejected', 'withdrawn', 'denied', 'expired')),
      effect ${text} not null check (effect in ('read', 'write', 'destructive')),
      risk ${text} not null check (risk in ('low', 'medium', 'high')),
      origin ${text} not null check (origin in ('api', 'action', 'rollback')),
      target_name ${text} not null,
      project ${text} not null,
      environment ${text} not null,
      target ${text} not null,
      steps ${text} not null,
      start_mode ${text} not null check (start_mode in ('manual', 'when_allowed')),
      note ${text} not null,
      requester ${text} not null,
      revision ${integer} not null check (revision >= 0),
      verdict ${text},
      verdict_digest ${text},
      rollback_of ${text} references operation (id),
      correlation_id ${text} not null,
      created_at ${integer} not null,
      updated_at ${integer} not null,
      check ((state = 'closed') = (closed_reason is not null))
    ) ${tableOptions}`,
    `create index operation_state on operation (state, id)`,
    `create index operation_target on operation (target_name, id)`,
    `create index operation_project on operation (project, environment, id)`,
    `create index operation_rollback on operation (rollback_of, id) where rollback_of is not null`,
    `create table idempotency (
      principal ${text} not null,
      route ${text} not null,
      key ${text} not null,
      fingerprint ${text} not null,
      operation_id ${text} not null,
      created_at ${integer} not null,
      primary key (principal, route, key)
    ) ${tableOptions}`,
    `create table plan (
      operation_id ${text} not null references operation (id),
      revision ${integer} not null check (revision > 0),
      state ${text} not null check (state in ('ok', 'error')),
      digest ${text},
      body ${text},
      volatile ${text} not null,
      error ${text},
      worker ${text} not null,
      created_at ${integer} not null,
      primary key (operation_id, revision),
      check ((state = 'ok') = (digest is not null)),
      check ((state = 'ok') = (body is not null)),
      check ((state = 'error') = (error is not null))
    ) ${tableOptions}`,
    `create table plan_view (
      operation_id ${text} not null references operation (id),
      principal ${text} not null,
      revision ${integer} not null,
      digest ${text} not null,
      shown_at ${integer} not null,
      primary key (operation_id, principal, revision, digest)
    ) ${tableOptions}`,
    `create table approval (
      id ${text} primary key,
      operation_id ${text} not null references operation (id),
      principal ${text} not null,
      plan_digest ${text} not null,
      issued_at ${integer} not null,
      statement ${text} not null,
      envelope ${text} not null,
      verdict ${text} not null,
      consumed_by_run ${text},
      voided_at ${integer}
    ) ${tableOptions}`,
    `create index approval_operation on approval (operation_id, issued_at, id)`,
    `create table sealed_value (
      operation_id ${text} not null references operation (id),
      name ${text} not null,
      nonce ${bytes} not null,
      ciphertext ${bytes} not null,
      created_at ${integer} not null,
      primary key (operation_id, name)
    ) ${tableOptions}`,
  ],
};
