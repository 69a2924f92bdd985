import type { SchemaChange } from './migration.ts';

/** Which planner's answer the steps of an operation are from. */
export const plannedByColumn: SchemaChange = {
  name: '0023_planned_by',
  statements: ({ types: { text } }) => [`alter table operation add column planned_by ${text}`],
};
