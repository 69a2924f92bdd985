import type { PasswordHasher } from '@countersign/engine';

/** OWASP's first choice for argon2id (Password Storage Cheat Sheet): 19 MiB, two passes, one lane. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
const prefix = `$argon2id$v=19$m=${cost.memoryCost},t=${cost.timeCost},p=${cost.parallelism}$`;

/** argon2id. The add-on is loaded when the first password comes. */
export const argon2Hasher: PasswordHasher = {
  async hash(password) {
    const { hash } = await import('@node-rs/argon2');
    return await hash(password, cost);
  },
  async verify(hash, password) {
    const { verify } = await import('@node-rs/argon2');
    return await verify(hash, password);
  },
  // Of 32 random bytes that were never written down.
  decoy: `${prefix}8ZGRbDbleb6VBAR3UZmorw$CHA9v94U3k5B2a/SC5tlDFcKNioMoxBGWXMRVrYroVs`,
  isOutdated: (hash) => !hash.startsWith(prefix),
};
