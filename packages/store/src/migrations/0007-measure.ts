import { measuredEvents } from '@countersign/protocol';
import type { SchemaChange } from './migration.ts';

/** The events of the index as SQL: a query must name the very same list for the index to serve it. */
export const measuredEventList = measuredEvents.map((event) => `'${event}'`).join(', ');

/** The entries that success measures are computed from, by time: a few of the many, so that other entries cost nothing. */
export const measureIndex: SchemaChange = {
  name: '0007_measure',
  statements: () => [`create index audit_measured on audit (at, entry_id) where event in (${measuredEventList})`],
};
