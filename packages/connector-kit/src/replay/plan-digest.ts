import { createHash } from 'node:crypto';
import type { PlanBody } from '@countersign/protocol';
import canonicalize from 'canonicalize';

/**
 * A plan's digest, derived where the replay runs: SHA-256 over `countersign.plan.v1`, a zero byte, and the RFC 8785 JSON
 * of the body. A second writing of the format on purpose: who replays does not take the sealer's word for it.
 */
export function replayedPlanDigest(body: PlanBody): string {
  const text = canonicalize(body);
  if (text === undefined) throw new TypeError('a plan is a JSON object');
  return `sha256:${createHash('sha256').update('countersign.plan.v1\0').update(text, 'utf8').digest('hex')}`;
}
