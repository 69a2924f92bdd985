import { z } from 'zod';
import { KeyPurpose } from '../evidence/evidence.ts';

/** A signing key's life: vouched for but not in force yet, in force, giving way to the next, verifying only. */
export const KeyState = z.enum(['next', 'current', 'handing_over', 'retired']);
export type KeyState = z.infer<typeof KeyState>;

/** One signing key of the installation; never its private half. */
export const KeyView = z.strictObject({
  keyid: z.string(),
  name: z.string(),
  purposes: z.array(KeyPurpose),
  state: KeyState,
  /** First leaf it counts for; null while it is `next`. */
  from_size: z.int().nullable(),
  /** First leaf it does not count for any more. */
  until_size: z.int().nullable(),
});
export type KeyView = z.infer<typeof KeyView>;
