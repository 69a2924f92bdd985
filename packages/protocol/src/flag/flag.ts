import { z } from 'zod';

const flag = (byDefault: boolean, description: string) => z.boolean().default(byDefault).meta({ description });

/**
 * Capabilities that an installation may turn off, and how each stands when its configuration says nothing. Every flag guards
 * routes of the table, which then answer E_CAPABILITY_DISABLED.
 */
export const Flags = z.strictObject({
  public_api: flag(true, 'The lane /v1/public for other programs.'),
  source_aliases: flag(true, "The sources' own addresses of the repository, such as /tree and /file."),
  remote_workers: flag(true, 'The worker port over HTTP; the worker inside the server does without it.'),
});
/** How every flag stands. */
export type Flags = z.output<typeof Flags>;
export type Flag = keyof Flags;
/** Every flag by name. */
export const flagNames: readonly Flag[] = Flags.keyof().options;
