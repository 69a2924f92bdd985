import { z } from 'zod';
import { InviteSecret } from '../invite/invite.ts';
import { EpochMs, Name, Uuid } from '../scalar/scalar.ts';
import { Principal } from '../token/token.ts';
import { PasskeyAnswer } from './passkey.ts';

/** A password as somebody types it. What a new one must be is said when it is set. */
export const Password = z.string().min(1).max(256);
/** The six digits of an authenticator. */
export const TotpCode = z.string().regex(/^[0-9]{6}$/, 'expected six digits');
/** How a session began. */
export const SignInMethod = z.enum(['password', 'totp', 'passkey', 'oidc', 'invite']);

/** One signed-in browser of one person. */
export const SessionView = z.strictObject({
  session_id: Uuid,
  person: Name,
  method: SignInMethod,
  address: z.string(),
  user_agent: z.string(),
  created_at: EpochMs,
  seen_at: EpochMs,
  expires_at: EpochMs,
  stepped_up_at: EpochMs.nullable(),
  /** The one that asks. */
  current: z.boolean(),
});
export type SessionView = z.infer<typeof SessionView>;

/** Who signed in. The session's secret goes into a cookie and stands in no body. */
export const SignedIn = z.strictObject({ principal: Principal, session: SessionView });
export type SignedIn = z.infer<typeof SignedIn>;

export const LoginRequest = z.strictObject({ name: Name, password: Password, totp: TotpCode.optional() });
export type LoginRequest = z.infer<typeof LoginRequest>;

export const RedeemRequest = z.strictObject({ invite: InviteSecret, password: Password });
export type RedeemRequest = z.infer<typeof RedeemRequest>;

export const PasskeyLoginRequest = z.strictObject({ response: PasskeyAnswer });
export type PasskeyLoginRequest = z.infer<typeof PasskeyLoginRequest>;

/** Where a browser is sent after a sign-in: a path of this server, or a page of an origin that may call it. */
const ReturnTo = z.union([
  z
    .string()
    .max(512)
    .regex(/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/, 'expected a path that begins with one slash, or a URL'),
  z.url({ protocol: /^https?$/ }).max(512),
]);

export const ProviderLoginRequest = z.strictObject({
  /** Redeems an invite by signing in at the provider instead of choosing a password. */
  invite: InviteSecret.optional(),
  return_to: ReturnTo.default('/'),
});
export type ProviderLoginRequest = z.infer<typeof ProviderLoginRequest>;

/** How people may sign in here. */
export const SignInChoices = z.strictObject({
  password: z.literal(true),
  passkey: z.boolean(),
  providers: z.array(z.strictObject({ name: Name, label: z.string() })),
});
export type SignInChoices = z.infer<typeof SignInChoices>;

/** Where the browser goes to sign in. */
export const ProviderLogin = z.strictObject({ url: z.string() });
export type ProviderLogin = z.infer<typeof ProviderLogin>;

export const LogoutRequest = z.strictObject({
  /** Ends every session of the person, not this one alone. */
  everywhere: z.boolean().default(false),
});
export const LoggedOut = z.strictObject({ sessions: z.int().nonnegative() });
