import { ActionPattern, Name } from '@countersign/protocol';
import { z } from 'zod';

/** What one rule of `worker.accept` lets in. */
export const AcceptRule = z.strictObject({
  connector: Name.meta({ description: 'Kind of system.' }),
  settings: z
    .record(
      z.string().regex(/^[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*$/, 'expected a setting, such as path or tls.ca_file'),
      z.array(z.string().min(1).max(1024)).min(1).max(100),
    )
    .default({})
    .meta({
      description:
        'Every setting that a target may have, with the values that it may have: a text, a folder as /srv/repos/** for what is below it, or * for any. A secret is named by its place: file:/etc/countersign/secrets/**, env:NAME or credential:NAME. What is not listed is refused.',
    }),
  actions: z.array(ActionPattern).min(1).max(200).optional().meta({
    description: "The worker's own allowlist for such targets; all of the connector's actions when left out.",
  }),
});
export type AcceptRule = z.output<typeof AcceptRule>;

/** `worker` of `countersign.yaml`. */
export const WorkerConfig = z.strictObject({
  accept: z.array(AcceptRule).max(100).default([]).meta({
    description: 'Which targets this worker takes from its server, beside those of this file; none when left out.',
  }),
});
