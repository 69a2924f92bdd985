import type { KeyPurpose, TrustedKey, TrustRoot } from '@countersign/protocol';

/** Whether a key may sign a tree head of this size: from its first to, included, the head at which it was retired. */
export function signsHead(key: TrustedKey, size: number): boolean {
  return key.from_size <= size && (key.until_size === null || size <= key.until_size);
}

/** Whether a key may sign what the leaf with this index tells of. */
export function signsLeaf(key: TrustedKey, index: number): boolean {
  return key.from_size <= index && (key.until_size === null || index < key.until_size);
}

/** The trust root with only the keys of one purpose. */
export function keysFor(trust: TrustRoot, purpose: KeyPurpose): TrustRoot {
  return { ...trust, keys: trust.keys.filter(({ purposes }) => purposes.includes(purpose)) };
}
