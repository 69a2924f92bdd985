import type { AuditEntry, Checkpoint } from '@countersign/kernel';
import { AuditBody, readJson } from '@countersign/protocol';
import { z } from 'zod';
import { integer, json, searchText } from '../codec/column.ts';
import { jsonText } from '../codec/json-text.ts';

/** Columns of `audit` as they are written; `text` is the entry, the columns before it only serve searches. */
export const AuditRow = z.object({
  entry_id: z.string(),
  at: integer,
  event: z.string(),
  actor: z.string(),
  subject_id: z.string(),
  outcome: AuditBody.shape.outcome,
  text: z.string(),
  leaf_hash: z.string(),
});
export type AuditRow = z.input<typeof AuditRow>;
/** A row as read: with what the database and the sequencer gave it. */
export const AuditEntryRow = z.object({
  leaf_index: integer.nullable(),
  text: z.string(),
  leaf_hash: z.string(),
});
/** Columns of `audit_tile`. */
export const AuditTileRow = z.object({ level: integer, tile_index: integer, hash: z.string() });
export type AuditTileRow = z.input<typeof AuditTileRow>;
/** Columns of `checkpoint`. */
export const CheckpointRow = z.object({
  tree_size: integer,
  root_hash: z.string(),
  frontier: json(z.array(z.string())),
  note: z.string(),
  at: integer,
});
export type CheckpointRow = z.input<typeof CheckpointRow>;

/** The entry of a row as read. */
export function auditEntryOf(row: unknown): AuditEntry {
  const { leaf_index: leafIndex, text, leaf_hash: leafHash } = AuditEntryRow.parse(row);
  return { leafIndex, body: AuditBody.parse(readJson(text)), text, leafHash };
}
/** The row of an entry. */
export function auditRow(entry: Omit<AuditEntry, 'leafIndex'>): AuditRow {
  const { body, text, leafHash } = entry;
  return {
    entry_id: body.entry_id,
    at: body.at,
    event: body.event,
    actor: searchText(body.actor.principal),
    subject_id: searchText(body.subject.id),
    outcome: body.outcome,
    text,
    leaf_hash: leafHash,
  };
}
/** The checkpoint of a decoded row. */
export function checkpointOf(row: z.output<typeof CheckpointRow>): Checkpoint {
  const { tree_size: treeSize, root_hash: rootHash, frontier, note, at } = row;
  return { treeSize, rootHash, frontier, note, at };
}
/** The row of a checkpoint. */
export function checkpointRow(checkpoint: Checkpoint): CheckpointRow {
  const { treeSize, rootHash, frontier, note, at } = checkpoint;
  return { tree_size: treeSize, root_hash: rootHash, frontier: jsonText(frontier), note, at };
}
