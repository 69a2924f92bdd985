import { ExecPlace } from '@countersign/transport';
import { z } from 'zod';

/** Settings of a target whose JVMs are looked at by the JDK's own `jcmd`. */
export const JvmConfig = z.strictObject({
  place: ExecPlace.describe("Where the JVMs run: on the worker's own host if left out, in a container, or behind SSH."),
  jcmd: z
    .string()
    .max(1024)
    .regex(/^(?:\/[^\0]*|jcmd)$/, 'use "jcmd" or the absolute path of a jcmd')
    .default('jcmd')
    .describe('The jcmd to ask. It should be of the JDK that the JVMs run on, or a newer one.'),
});
export type JvmConfig = z.infer<typeof JvmConfig>;
