import { z } from 'zod';
import { type AuditEventName, auditEvents } from './audit-events.ts';

const names = Object.keys(auditEvents);

function isEvent(name: string): name is AuditEventName {
  return Object.hasOwn(auditEvents, name);
}

/**
 * The events that a list of words names, separated by commas: `run.failed`, a family such as `run.*`, or `*`. Null where a
 * word names none.
 */
export function eventsNamed(list: string): AuditEventName[] | null {
  const found = new Set<AuditEventName>();
  for (const word of list.split(',')) {
    const family = word === '*' ? '' : word.endsWith('.*') ? word.slice(0, -1) : null;
    const matching = names
      .filter((name) => (family === null ? name === word : name.startsWith(family)))
      .filter(isEvent);
    if (matching.length === 0) return null;
    for (const name of matching) found.add(name);
  }
  return [...found];
}

/** What `eventsNamed` takes. */
export const EventList = z
  .string()
  .max(1000)
  .refine(
    (list) => eventsNamed(list) !== null,
    'expected events such as run.failed, families such as run.*, or both with commas',
  );

const LeafIndex = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const Time = z.coerce.number().int();

/** Which entries: by who, what, about what, on which target, when and with which outcome. Times in epoch ms, both included. */
const filters = {
  actor: z.string().max(200).optional(),
  event: EventList.optional(),
  subject: z.string().max(200).optional(),
  project: z.string().max(200).optional(),
  environment: z.string().max(200).optional(),
  target: z.string().max(200).optional(),
  outcome: z.enum(['ok', 'refused', 'failed', 'unknown']).optional(),
  since: Time.optional(),
  until: Time.optional(),
};

/** One page of entries. The next one: its `next` as `after`, or as `before` where the newest come first. */
export const AuditQuery = z.strictObject({
  ...filters,
  after: z.coerce.number().int().min(-1).optional(),
  before: LeafIndex.optional(),
  order: z.enum(['oldest', 'newest']).default('oldest'),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
export type AuditQuery = z.infer<typeof AuditQuery>;

/** What of the log is exported: leaves from `from` up to, not including, `to`, and of these what the filters take. */
export const AuditExportQuery = z.strictObject({ from: LeafIndex.default(0), to: LeafIndex.optional(), ...filters });
export type AuditExportQuery = z.infer<typeof AuditExportQuery>;
