import { z } from 'zod';
import { Flags } from '../flag/flag.ts';

/** How a browser's page and the server stand to each other: one origin, one site, or two sites. */
export const WebMode = z.enum(['same_origin', 'same_site', 'cross_site']);
export type WebMode = z.infer<typeof WebMode>;

/** What a face must know of a server before anybody signed in. */
export const MetaView = z.strictObject({
  product: z.literal('countersign'),
  version: z.string(),
  flags: Flags,
  web: z.strictObject({ mode: WebMode }),
});
export type MetaView = z.infer<typeof MetaView>;

/** The token that a page sends as `X-CSRF-Token` with every change; null where nobody is signed in. */
export const CsrfView = z.strictObject({ csrf_token: z.string().nullable() });
export type CsrfView = z.infer<typeof CsrfView>;
