import { allowEntryForms, isAllowEntry, parseUrl } from '@countersign/outbound';
import { z } from 'zod';

/** An address that this server calls. Where it leads is checked at each call. */
export const CallableUrl = z.string().superRefine((text, context) => {
  try {
    parseUrl(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'not a URL' });
  }
});

/** `outbound` of `countersign.yaml`: what may be called inside one's own network. */
export const OutboundSettings = z.strictObject({
  allow: z.array(z.string().refine(isAllowEntry, allowEntryForms)).max(256).default([]).meta({
    description:
      'Hosts inside your own network that this server may call: names, addresses or ranges, with :port or without. Everything on the public internet may be called over https; plain http goes only to what stands here.',
  }),
  ca_file: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'PEM file with certificates of your own that are trusted beside the built-in ones.' }),
});
