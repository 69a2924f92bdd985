import type { SchemaChange } from './migration.ts';

/** Operations by why and when they were closed: what was rejected lately is a few of all that ever ran, which are kept for good. */
export const closedOperationIndex: SchemaChange = {
  name: '0029_closed_operation',
  statements: () => [
    `create index operation_closed on operation (closed_reason, updated_at) where closed_reason is not null`,
  ],
};
