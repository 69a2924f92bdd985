import { readJson } from '@countersign/protocol';
import { z } from 'zod';

/** One reason of a refusal: a field that conflicts or is invalid. */
const Cause = z.object({
  reason: z.string().default(''),
  message: z.string().default(''),
  field: z.string().default(''),
});
export type Cause = z.infer<typeof Cause>;

/** The API's `Status` object. Source: Kubernetes API, meta/v1 Status. */
const StatusAnswer = z.object({
  kind: z.literal('Status'),
  reason: z.string().default(''),
  message: z.string().default(''),
  details: z.object({ causes: z.array(Cause).default([]) }).default({ causes: [] }),
});

const longest = 600;

/** A message of the cluster without what could be secret (KEY=value, credentials in URLs), at most 600 characters. */
export function safeMessage(message: string): string {
  return message
    .replace(/\b([A-Za-z_][A-Za-z0-9_]*)=("[^"]*"|'[^']*'|\S+)/g, '$1=***')
    .replace(/:\/\/[^\s/@]+@/g, '://***@')
    .replace(/\bBearer\s+\S+/gi, 'Bearer ***')
    .trim()
    .slice(0, longest);
}

/** The API server answered with a status that is no success. */
export class HttpFailure extends Error {
  readonly status: number;
  /** The API's one-word reason: `NotFound`, `Conflict`; empty where a proxy answered. */
  readonly reason: string;
  readonly serverMessage: string;
  readonly causes: readonly Cause[];
  constructor(status: number, body: string) {
    const answer = statusOf(body);
    const serverMessage = safeMessage(answer?.message ?? '');
    super(`HTTP ${status}: ${serverMessage}`);
    this.name = 'HttpFailure';
    this.status = status;
    this.reason = answer?.reason ?? '';
    this.serverMessage = serverMessage;
    this.causes = (answer?.details.causes ?? []).map((cause) => ({ ...cause, message: safeMessage(cause.message) }));
  }
}

function statusOf(body: string): z.infer<typeof StatusAnswer> | undefined {
  try {
    return StatusAnswer.parse(readJson(body));
  } catch {
    // Proxies in between answer with pages of their own, which tell nobody anything.
    return undefined;
  }
}
