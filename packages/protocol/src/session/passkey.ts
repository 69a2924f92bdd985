import { z } from 'zod';
import { EpochMs } from '../scalar/scalar.ts';

const Base64Url = z
  .string()
  .max(64 * 1024)
  .regex(/^[A-Za-z0-9_-]*$/, 'expected base64url');

/** What `navigator.credentials.create` answered, in JSON (WebAuthn level 3, 5.1). */
export const NewPasskeyAnswer = z.looseObject({
  id: Base64Url.min(1).max(1400),
  rawId: Base64Url,
  type: z.literal('public-key'),
  response: z.looseObject({
    clientDataJSON: Base64Url.min(1),
    attestationObject: Base64Url.min(1),
    transports: z.array(z.string().max(32)).max(16).optional(),
  }),
  clientExtensionResults: z.looseObject({}).default({}),
});
export type NewPasskeyAnswer = z.infer<typeof NewPasskeyAnswer>;

/** What `navigator.credentials.get` answered, in JSON. */
export const PasskeyAnswer = z.looseObject({
  id: Base64Url.min(1).max(1400),
  rawId: Base64Url,
  type: z.literal('public-key'),
  response: z.looseObject({
    clientDataJSON: Base64Url.min(1),
    authenticatorData: Base64Url.min(1),
    signature: Base64Url.min(1),
    userHandle: Base64Url.optional(),
  }),
  clientExtensionResults: z.looseObject({}).default({}),
});
export type PasskeyAnswer = z.infer<typeof PasskeyAnswer>;

/** Options for the browser's own call, in WebAuthn's JSON; the challenge in them is good once, for five minutes. */
export const PasskeyOptions = z.strictObject({ options: z.looseObject({ challenge: z.string() }) });
export type PasskeyOptions = z.infer<typeof PasskeyOptions>;

export const PasskeyView = z.strictObject({
  passkey_id: z.string(),
  name: z.string(),
  created_at: EpochMs,
  last_used_at: EpochMs.nullable(),
});
export type PasskeyView = z.infer<typeof PasskeyView>;

export const PasskeyAddRequest = z.strictObject({
  /** What its owner calls it. */
  name: z.string().trim().min(1).max(64),
  response: NewPasskeyAnswer,
});
export type PasskeyAddRequest = z.infer<typeof PasskeyAddRequest>;
