import { z } from 'zod';
import { contentOf } from '../change/guard.ts';
import type { ApiObject } from '../resource/answers.ts';

/** What an applied object is, as it is kept with the intent, and given as what stands after the change; null for what is not there. */
export const ApplyState = z.strictObject({
  uid: z.string().nullable(),
  generation: z.int().nullable(),
  content: z.string().nullable(),
});
export type ApplyState = z.infer<typeof ApplyState>;

export function applyState(object: ApiObject | undefined): ApplyState {
  if (object === undefined) return { uid: null, generation: null, content: null };
  const { uid, generation } = object.metadata;
  return { uid, generation: generation ?? null, content: contentOf(object) };
}
