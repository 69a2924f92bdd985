import { z } from 'zod';

const absolute = /^\/[^\0]*$/;

/** An absolute path of a file on the worker's machine. */
export const AbsolutePath = z.string().max(4096).regex(absolute, 'use an absolute path');

/** A DNS name or an address; a colon only in IPv6. Never something that a program could read as an option. */
export const HostName = z
  .string()
  .max(253)
  .regex(/^[A-Za-z0-9_:][A-Za-z0-9_.:%-]*$/, 'use a host name or an address');

/**
 * How a host is reached by SSH. Only the key in `identity_file` is offered, and only a host key that stands in
 * `known_hosts_file` is accepted: no agent, no password, no ~/.ssh/config, no first use on trust.
 */
export const SshSettings = z.strictObject({
  host: HostName,
  port: z.int().min(1).max(65_535).default(22),
  user: z
    .string()
    .max(64)
    .regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, 'use the name of an account'),
  identity_file: AbsolutePath.describe('Private key without passphrase, readable by the worker alone.'),
  known_hosts_file: AbsolutePath.describe("The host's public keys, as ssh-keyscan prints them."),
});
export type SshSettings = z.infer<typeof SshSettings>;
