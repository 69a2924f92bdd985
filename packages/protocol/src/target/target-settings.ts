import { z } from 'zod';
import { Readiness } from '../health/readiness.ts';
import { EpochMs, JsonValue, Name, Uuid } from '../scalar/scalar.ts';
import { TargetRef, Tier } from './target.ts';

/** Where a worker finds a secret that stands in a target's settings: never the secret itself. */
export const SecretPlace = z.union([
  z.strictObject({ secret_env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of a variable') }),
  z.strictObject({ secret_file: z.string().min(1).max(1024) }),
  z.strictObject({
    secret_credential: Name.meta({ description: 'A file of $CREDENTIALS_DIRECTORY, as systemd hands it over.' }),
  }),
]);
export type SecretPlace = z.infer<typeof SecretPlace>;

/** A connector's own settings, without any secret: where one is needed stands where the worker finds it. */
export const TargetSettings = z
  .record(z.string().min(1).max(64), JsonValue)
  .refine((settings) => JSON.stringify(settings).length <= 16_384, 'expected at most 16 KB of settings');
export type TargetSettings = z.infer<typeof TargetSettings>;

/** A target that was added over the API, with the worker that serves it and its settings. */
export const ManagedTarget = TargetRef.extend({
  worker: Name,
  settings: TargetSettings,
  revision: z.int().positive(),
  changed_by: z.string(),
  changed_at: EpochMs,
});
export type ManagedTarget = z.infer<typeof ManagedTarget>;

export const TargetAddRequest = z.strictObject({
  name: Name,
  project: Name,
  environment: Name,
  /** Left out, the environment must be called dev, stage or prod. */
  tier: Tier.optional(),
  connector: Name,
  /** Which worker serves it; may be left out where there is one. */
  worker: Name.optional(),
  settings: TargetSettings.default({}),
});
export type TargetAddRequest = z.infer<typeof TargetAddRequest>;

/** What may change while a target stands. Place, tier and connector are what approvals were given for: those want a new target. */
export const TargetChangeRequest = z.strictObject({
  settings: TargetSettings.optional(),
  worker: Name.optional(),
  /** The revision that was looked at; refused where another came between. */
  revision: z.int().positive().optional(),
});
export type TargetChangeRequest = z.infer<typeof TargetChangeRequest>;

/** What each worker found that looked at a target now. */
export const TargetTestView = z.strictObject({
  target: Name,
  status: Readiness,
  workers: z.array(
    z.strictObject({
      worker: z.string(),
      status: Readiness,
      message: z.string(),
      /** When it looked; null where it did not answer in time. */
      looked_at: EpochMs.nullable(),
    }),
  ),
});
export type TargetTestView = z.infer<typeof TargetTestView>;

export const AssignedRequest = z.strictObject({
  worker: Name,
  instance: Uuid,
  /** The version that the worker has; empty for none. */
  known: z.string().max(128),
  wait_ms: z.int().min(0).max(30_000),
});
export type AssignedRequest = z.infer<typeof AssignedRequest>;

/** What a worker is to serve beside its own file. `look_at` says when somebody last asked it to look at its targets. */
export const AssignedAnswer = z.object({
  version: z.string(),
  look_at: EpochMs,
  targets: z.array(z.strictObject({ name: Name, connector: Name, settings: TargetSettings })),
});
export type AssignedAnswer = z.infer<typeof AssignedAnswer>;
