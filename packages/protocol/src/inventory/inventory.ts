import { z } from 'zod';
import { EpochMs } from '../scalar/scalar.ts';
import { TargetRef } from '../target/target.ts';

/** Longest time for which a list of names is kept and may be asked for. */
export const inventoryKeptMs = 3_600_000;

/** How old what is answered may be: 0 reads the target now. */
export const InventoryRequest = z.strictObject({ max_age_ms: z.int().min(0).max(inventoryKeptMs).default(5_000) });

/** One thing that a target holds. Its names and labels were read there: untrusted text. */
export const InventoryEntry = z.strictObject({
  name: z.string(),
  aliases: z.array(z.string()),
  labels: z.record(z.string(), z.string()),
});
export type InventoryEntry = z.infer<typeof InventoryEntry>;

/** The things of one kind. `problem` says why the list is missing, not whole, or older than was asked for; times in ms. */
export const InventoryList = z.strictObject({
  entity: z.string(),
  entries: z.array(InventoryEntry),
  /** When the list was read; null where there is none. */
  read_at: EpochMs.nullable(),
  age_ms: z.int().nonnegative().nullable(),
  /** Whether it was read for this request. */
  live: z.boolean(),
  problem: z.string().nullable(),
});
export type InventoryList = z.infer<typeof InventoryList>;

/** What one target holds, by kind. */
export const TargetInventory = z.strictObject({ target: TargetRef, lists: z.array(InventoryList) });
export type TargetInventory = z.infer<typeof TargetInventory>;
