import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PolicyFile, type PolicyProfile, readPolicyFiles } from '@countersign/policy';

/** Where an installation's policies come from. */
export interface PolicySource {
  readonly profile: PolicyProfile;
  /** Folder of the operator's own, absolute; null for none. */
  readonly folder: string | null;
  /** The only actions that may be proposed, read or run; null for all of them. */
  readonly allowActions: readonly string[] | null;
}

/** How an entry of the list of allowed actions is spelled: an action's name, or the beginning of some and a `*`. */
export const allowedActionForm = /^[a-z0-9_]+(\.[a-z0-9_]+)*(\.\*)?$/;
const allowFile = 'allow-actions.generated.cedar';

/** The list of allowed actions as a policy. Its entries were checked for their form, so that they say only what they say. */
function allowPolicy(actions: readonly string[]): PolicyFile {
  const tests = actions.map((name) => `context.action ${name.endsWith('*') ? 'like' : '=='} "${name}"`);
  const told = actions.length === 0 ? 'none' : actions.join(', ');
  const text = [
    '// Made of policies.allow_actions in countersign.yaml, or of ALLOW_ACTIONS_DEFAULT.',
    '@id("allow-actions")',
    `@reason("Only these actions are allowed in this installation: ${told}.")`,
    'forbid (principal, action, resource)',
    ...(tests.length === 0 ? [] : [`unless { ${tests.join(' || ')} }`]),
  ].join('\n');
  return { name: allowFile, text: `${text};\n` };
}

/** The `.cedar` files of an operator's folder; a schema among them is refused with the set, as there is one already. */
export function readFolder(folder: string): PolicyFile[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.cedar') || name.endsWith('.cedarschema'))
    .sort()
    .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
}

/**
 * Every file of a policy set: those that are shipped for the profile, in which a file of the operator's takes the place of
 * its namesake, the operator's others, and the list of allowed actions. Throws the file system's error.
 */
export function policyFiles({ profile, folder, allowActions }: PolicySource): PolicyFile[] {
  const own = folder === null ? [] : readFolder(folder);
  const replaced = new Set(own.filter(({ name }) => name.endsWith('.cedar')).map(({ name }) => name));
  const shipped = readPolicyFiles(profile).filter(({ name }) => !replaced.has(name));
  return [...shipped, ...own, ...(allowActions === null ? [] : [allowPolicy(allowActions)])];
}
