import { Grant, Name } from '@countersign/protocol';
import { z } from 'zod';
import { uniqueNames } from './entry-rules.ts';
import { CallableUrl } from './outbound-config.ts';

const Origin = z
  .string()
  .refine(
    (text) => URL.canParse(text) && new URL(text).origin === text,
    'expected an origin such as https://a.example',
  );
/** An address with nothing after host and port. */
const PublicUrl = z
  .string()
  .transform((text) => text.replace(/\/$/, ''))
  .pipe(Origin);

const GroupEntry = z.strictObject({
  group: z.string().min(1).meta({ description: 'Name of the group as the provider says it.' }),
  grants: z.array(Grant).min(1).meta({ description: 'What its members may do here.' }),
  approver_groups: z.array(Name).default([]).meta({ description: 'Groups of approvers that they belong to.' }),
});

const OidcEntry = z
  .strictObject({
    name: Name.meta({ description: 'Part of the callback address: /v1/auth/providers/NAME/callback.' }),
    label: z.string().min(1).max(64).optional().meta({ description: 'What the button says; the name when left out.' }),
    issuer: CallableUrl.meta({ description: 'Issuer, exactly as the provider writes it.' }),
    client_id: z.string().min(1),
    client_secret_file: z.string().min(1).optional().meta({ description: 'File with the client secret.' }),
    client_secret_env: z.string().min(1).optional().meta({ description: 'Environment variable with it.' }),
    endpoint_origins: z
      .array(Origin)
      .default([])
      .meta({ description: "Origins of endpoints that are not on the issuer's own; the secret goes nowhere else." }),
    scopes: z.array(z.string().min(1)).default(['openid', 'profile', 'email']),
    name_claim: z.string().min(1).default('preferred_username'),
    groups_claim: z.string().min(1).default('groups'),
    groups: z.array(GroupEntry).max(200).default([]).meta({
      description:
        'With entries, members of these groups need no invite, and what they may do follows their groups at each sign-in.',
    }),
  })
  .refine(({ client_secret_file, client_secret_env }) => !(client_secret_file && client_secret_env), {
    path: ['client_secret_file'],
    message: 'expected one of client_secret_file and client_secret_env, or neither',
  });
export type OidcEntry = z.infer<typeof OidcEntry>;

const number = (least: number, most: number, byDefault: number, description: string) =>
  z.number().min(least).max(most).default(byDefault).meta({ description });

/** `sign_in` of `countersign.yaml`. */
export const SignInConfig = z.strictObject({
  public_url: PublicUrl.optional().meta({
    description:
      'Where browsers find this server, such as https://countersign.example.com; where it listens when left out.',
  }),
  session_idle_minutes: number(0.05, 10_080, 60, 'How long a session lives that nobody uses.'),
  session_hours: number(0.1, 720, 12, 'How long a session lives at most.'),
  invite_hours: number(0.1, 720, 72, 'How long a one-time link is good for when nothing else is said.'),
  passkey_domain: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Domain of the passkeys where it is a parent of the public one.' }),
  passkey_origins: z
    .array(Origin)
    .max(20)
    .default([])
    .meta({ description: 'Further pages that may ask for passkeys.' }),
  oidc: z
    .array(OidcEntry)
    .max(20)
    .default([])
    .superRefine(uniqueNames)
    .meta({ description: 'OpenID providers at which people may sign in.' }),
});
