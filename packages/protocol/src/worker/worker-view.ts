import { z } from 'zod';
import { WorkerScope } from '../enrolment/enrolment.ts';
import { Readiness } from '../health/readiness.ts';
import { ActionName, EpochMs } from '../scalar/scalar.ts';

/** A worker's version beside the server's. `unknown` where one of them is not three numbers. */
export const VersionSkew = z.enum(['same', 'older', 'newer', 'unknown']);
export type VersionSkew = z.infer<typeof VersionSkew>;

/** A worker as everyone may see it who sees one of its targets. */
export const WorkerView = z.strictObject({
  worker: z.string(),
  /** Null for one that joined and never came. */
  version: z.string().nullable(),
  skew: VersionSkew.nullable(),
  /** A key of its own, a bearer token, or none because it runs inside the server. */
  credential: z.enum(['key', 'token', 'inside']),
  /** What it was enrolled for; null where nothing narrows it, and for callers who do not see the whole installation. */
  scope: WorkerScope.nullable(),
  registered_at: EpochMs.nullable(),
  last_seen_at: EpochMs.nullable(),
  /** Unavailable while it is silent or its credential is revoked; degraded where a target is not ready or the versions differ. */
  status: Readiness,
  message: z.string(),
  connectors: z.array(z.strictObject({ connector: z.string(), version: z.string(), status: Readiness })),
  targets: z.array(
    z.strictObject({
      target: z.string(),
      connector: z.string(),
      status: Readiness,
      message: z.string(),
      /** The actions that it does there; null for all of the connector's. */
      actions: z.array(ActionName).nullable(),
    }),
  ),
});
export type WorkerView = z.infer<typeof WorkerView>;
