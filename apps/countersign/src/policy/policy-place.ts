import { join, resolve } from 'node:path';
import type { PolicyPlace } from '@countersign/cli';
import { loadPolicySet, type PolicyLoadOutcome } from '@countersign/policy';
import { CodedError } from '@countersign/protocol';
import { loadConfig } from '../config/load-config.ts';
import { policySourceOf } from '../config/policy-config.ts';
import { readSettings } from '../config/settings.ts';
import { type PolicySource, policyFiles } from './policy-files.ts';

/** What the commands that need no server know of the machine they run on. */
export interface PolicyHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** The policies that are meant: those of a folder, of a configuration, or, where there is neither, those that are shipped. */
export function sourceAt(host: PolicyHost, { folder, config, profile }: PolicyPlace): PolicySource {
  const { dataDir } = readSettings(host.env, host.cwd, {});
  const loaded = loadConfig({ config, cwd: host.cwd, dataDir });
  const configured: PolicySource =
    loaded === null ? { profile: 'standard', folder: null, allowActions: null } : policySourceOf(loaded, host.env);
  const chosen = { ...configured, profile: profile ?? configured.profile };
  if (folder === undefined) return chosen;
  // A folder by name is looked at for itself: with what is shipped, without what this configuration adds.
  return {
    profile: chosen.profile,
    folder: folder === 'shipped' ? null : resolve(host.cwd, folder),
    allowActions: null,
  };
}

/** Loads the policies of a source; throws E_CONFIG where its folder cannot be read. */
export function loadSource(source: PolicySource): { files: number; outcome: PolicyLoadOutcome } {
  try {
    const files = policyFiles(source);
    return { files: files.length, outcome: loadPolicySet(files, source.profile) };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'it cannot be read';
    throw new CodedError(
      'E_CONFIG',
      `${source.folder ?? 'policies'}: ${why}`,
      { field: 'folder', next: 'name a folder of .cedar files, or make one with `countersign policy init`' },
      { cause },
    );
  }
}

/** The file as the operator finds it: in the folder, or by its name alone where it is one that is shipped. */
export function placeOf(source: PolicySource, file: string): string {
  return source.folder === null || file.startsWith('(') ? file : join(source.folder, file);
}
