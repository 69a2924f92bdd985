import { readdirSync, readFileSync } from 'node:fs';
import type { PolicyFile, PolicyProfile } from './policy-set.ts';

/** Folder of the policies that come with the product: `schema.cedarschema`, `default/`, `solo/`. Ends in a slash. */
export const shippedPolicies: URL = new URL('../../policies/', import.meta.url);

/**
 * Reads a profile's files below `root` (a URL that ends in a slash), sorted by name: `default/`, in which for `solo` a file
 * of `solo/` takes the place of its namesake or is added. Throws the file system's error when something cannot be read.
 */
export function readPolicyFiles(profile: PolicyProfile, root: URL = shippedPolicies): PolicyFile[] {
  const texts = new Map([['schema.cedarschema', readFileSync(new URL('schema.cedarschema', root), 'utf8')]]);
  for (const folder of profile === 'solo' ? ['default/', 'solo/'] : ['default/']) {
    const place = new URL(folder, root);
    for (const name of readdirSync(place).filter((entry) => entry.endsWith('.cedar'))) {
      texts.set(name, readFileSync(new URL(encodeURIComponent(name), place), 'utf8'));
    }
  }
  return [...texts].map(([name, text]) => ({ name, text })).sort((a, b) => (a.name < b.name ? -1 : 1));
}
