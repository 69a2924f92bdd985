import { createHash } from 'node:crypto';

/** Version of a set: `sha256:` and 64 hex digits over its texts, whatever their files are called and however they are ordered. */
export function policySetVersion(texts: readonly string[]): string {
  const content = JSON.stringify(['countersign.policy_set.v1', ...[...texts].sort()]);
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
