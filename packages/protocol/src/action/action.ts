import { z } from 'zod';
import { ActionName, JsonObject, Name, Sha256Digest } from '../scalar/scalar.ts';

/** `read` looks, `write` changes, `destructive` changes what cannot simply be changed back. */
export const Effect = z.enum(['read', 'write', 'destructive']);
export type Effect = z.infer<typeof Effect>;
export const Risk = z.enum(['low', 'medium', 'high']);
export type Risk = z.infer<typeof Risk>;
/** What happens when an effect is attempted twice: `guard` and `target_key` make a second attempt harmless. */
export const Idempotency = z.enum(['guard', 'target_key', 'none']);
export type Idempotency = z.infer<typeof Idempotency>;
/** How faithfully an auditor can do the change again: same result, simulated, or not at all. */
export const Replay = z.enum(['exact', 'simulated', 'none']);
export type Replay = z.infer<typeof Replay>;

/** One action as its connector announces it. Times are milliseconds, sizes bytes. */
export const ActionManifest = z.strictObject({
  name: ActionName,
  version: z.int().positive(),
  title: z.string().min(1),
  description: z.string().min(1),
  effect: Effect,
  risk: Risk,
  timeoutMs: z.int().positive(),
  outputCapBytes: z.int().positive(),
  idempotency: Idempotency,
  replay: Replay,
  /** Whether output may be followed while it grows (`docker.logs --follow`). */
  follows: z.boolean(),
  /** JSON Schema (draft 2020-12) of the inputs; `"x-secret": true` marks a secret property. */
  inputSchema: JsonObject,
});
export type ActionManifest = z.infer<typeof ActionManifest>;

/** Everything a connector can do, with the digest of its canonical JSON (without `hash` itself). */
export const ConnectorManifest = z.strictObject({
  connector: Name,
  version: z.string().min(1).max(32),
  actions: z.array(ActionManifest).min(1),
  hash: Sha256Digest,
});
export type ConnectorManifest = z.infer<typeof ConnectorManifest>;
