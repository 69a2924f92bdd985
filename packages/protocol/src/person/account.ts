import { z } from 'zod';
import { PasskeyView } from '../session/passkey.ts';
import { Password, TotpCode } from '../session/session.ts';
import { PersonView } from './person.ts';

/** What a person sees of their own account. */
export const AccountView = z.strictObject({ person: PersonView, passkeys: z.array(PasskeyView) });
export type AccountView = z.infer<typeof AccountView>;

export const PasswordChangeRequest = z.strictObject({
  /** Left out by somebody who has none yet, such as one who came through a provider. */
  current: Password.optional(),
  next: Password,
});
export type PasswordChangeRequest = z.infer<typeof PasswordChangeRequest>;

/** A new TOTP secret, shown once; it counts after a first code. */
export const TotpOffer = z.strictObject({ secret: z.string(), uri: z.string() });
export type TotpOffer = z.infer<typeof TotpOffer>;

export const TotpConfirmRequest = z.strictObject({ code: TotpCode });
export type TotpConfirmRequest = z.infer<typeof TotpConfirmRequest>;
