import { z } from 'zod';
import { WorkerView } from '../worker/worker-view.ts';
import { Readiness } from './readiness.ts';

export const HealthView = z.strictObject({
  status: Readiness,
  version: z.string(),
  installation: z.string(),
  panic: z.boolean(),
  policy: z.strictObject({
    version: z.string(),
    /** Degraded while the files are not valid: those loaded before them decide. */
    status: Readiness,
    message: z.string(),
  }),
  /** Frozen environments, as `project/environment`. */
  frozen: z.array(z.string()),
  /** Operations for which the glass was broken and that nobody has reviewed. */
  reviews_open: z.int(),
  database: z.strictObject({ dialect: z.enum(['sqlite', 'postgres']), status: Readiness }),
  audit: z.strictObject({
    tree_size: z.int(),
    unsequenced: z.int(),
    /** Where the log's checkpoints are kept outside. A failing one degrades, it stops nothing. */
    exports: z.array(
      z.strictObject({
        sink: z.string(),
        kind: z.enum(['file', 'git', 'webhook']),
        status: Readiness,
        tree_size: z.int(),
        exported_at: z.int().nullable(),
        message: z.string(),
      }),
    ),
  }),
  connectors: z.array(
    z.strictObject({
      connector: z.string(),
      version: z.string(),
      status: Readiness,
      targets: z.array(z.strictObject({ target: z.string(), status: Readiness, message: z.string() })),
    }),
  ),
  workers: z.array(WorkerView),
});
export type HealthView = z.infer<typeof HealthView>;
