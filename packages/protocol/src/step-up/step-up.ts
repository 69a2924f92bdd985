import { z } from 'zod';
import { EpochMs } from '../scalar/scalar.ts';
import { PasskeyAnswer } from '../session/passkey.ts';
import { Password, TotpCode } from '../session/session.ts';

/**
 * How somebody proves afresh who they are. `password` only where a person has nothing stronger; `host` shows that a bearer
 * token's holder can read the server's data folder.
 */
export const StepUpMethod = z.enum(['passkey', 'totp', 'password', 'host']);
export type StepUpMethod = z.infer<typeof StepUpMethod>;

/** The one-time code that `host` writes into the data folder. */
export const HostCode = z.string().regex(/^csh_[A-Za-z0-9_-]{43}$/, 'expected the text of the file, csh_…');

export const StepUpRequest = z.discriminatedUnion('method', [
  z.strictObject({ method: z.literal('passkey'), response: PasskeyAnswer }),
  z.strictObject({ method: z.literal('totp'), code: TotpCode }),
  z.strictObject({ method: z.literal('password'), password: Password }),
  z.strictObject({ method: z.literal('host'), code: HostCode }),
]);
export type StepUpRequest = z.infer<typeof StepUpRequest>;

/** How the caller may step up, and whether a proof is still fresh. */
export const StepUpView = z.strictObject({
  methods: z.array(StepUpMethod),
  stepped_up_at: EpochMs.nullable(),
  fresh_until: EpochMs.nullable(),
});
export type StepUpView = z.infer<typeof StepUpView>;

/** Where the code of the method `host` stands on the server's host. */
export const HostCodeView = z.strictObject({ file: z.string(), expires_at: EpochMs });
export type HostCodeView = z.infer<typeof HostCodeView>;
