import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { PolicyInitOptions } from '@countersign/cli';
import { readPolicyFiles } from '@countersign/policy';
import { CodedError } from '@countersign/protocol';
import { type PolicyHost, sourceAt } from './policy-place.ts';

/**
 * Writes the shipped policies of a profile into a folder, to be edited there; the schema stays with the product. Answers
 * what was written. Nothing that is there is written over, unless asked.
 */
export function initPolicies(host: PolicyHost, { folder, force, ...place }: PolicyInitOptions): string[] {
  const source = sourceAt(host, place);
  const into = folder === undefined ? (source.folder ?? resolve(host.cwd, 'policies')) : resolve(host.cwd, folder);
  const files = readPolicyFiles(source.profile).filter(({ name }) => name.endsWith('.cedar'));
  const standing = files.find(({ name }) => existsSync(join(into, name)));
  if (standing !== undefined && !force) {
    throw new CodedError('E_CONFIG', `${join(into, standing.name)} is there already`, {
      field: 'folder',
      next: 'edit it, choose another folder, or pass --force to replace it',
    });
  }
  mkdirSync(into, { recursive: true });
  return files.map(({ name, text }) => {
    writeFileSync(join(into, name), text);
    return join(into, name);
  });
}
