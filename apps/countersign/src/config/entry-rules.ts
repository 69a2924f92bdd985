import { z } from 'zod';

/** Entries of a list that go by their names: each name stands once. For `superRefine`. */
export function uniqueNames(
  entries: readonly { readonly name: string }[],
  context: { addIssue(issue: { code: 'custom'; path: PropertyKey[]; message: string }): void },
): void {
  const seen = new Set<string>();
  for (const [index, { name }] of entries.entries()) {
    if (seen.has(name))
      context.addIssue({ code: 'custom', path: [index, 'name'], message: `the name "${name}" is used twice` });
    seen.add(name);
  }
}

/** Where the secret of an HMAC signature stands; never in the configuration itself. */
export const signatureSecret = {
  secret_file: z.string().min(1).optional().meta({ description: 'File with the secret of the HMAC signature.' }),
  secret_env: z.string().min(1).optional().meta({ description: 'Environment variable with that secret.' }),
};

interface SecretPlace {
  readonly secret_file?: string | undefined;
  readonly secret_env?: string | undefined;
}

/** Exactly one of the two places. For `refine`. */
export const oneSecret: [(entry: SecretPlace) => boolean, { path: string[]; message: string }] = [
  ({ secret_file, secret_env }) => (secret_file === undefined) !== (secret_env === undefined),
  { path: ['secret_file'], message: 'expected either secret_file or secret_env' },
];
