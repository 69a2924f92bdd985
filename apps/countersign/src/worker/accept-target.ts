import { posix } from 'node:path';
import type { AnyConnector } from '@countersign/connector-kit';
import { CodedError, type Json, SecretPlace } from '@countersign/protocol';
import type { AcceptTarget, AssignedTarget } from '@countersign/runner';
import type { AcceptRule } from '../config/worker-config.ts';
import { findSecrets, placeText, type SecretSources } from './find-secrets.ts';

interface Leaf {
  readonly name: string;
  readonly text: string;
}

/** Every setting by its dotted name; the items of a list go by the name of the list, a secret by its place. */
function leavesOf(value: Json, name = ''): Leaf[] {
  const place = SecretPlace.safeParse(value);
  if (place.success) return [{ name, text: placeText(place.data) }];
  if (Array.isArray(value)) return value.flatMap((each) => leavesOf(each, name));
  if (typeof value !== 'object' || value === null) return [{ name, text: String(value) }];
  return Object.entries(value).flatMap(([key, each]) => leavesOf(each, name === '' ? key : `${name}.${key}`));
}

/** A text, `FOLDER/**` for what is below a folder however it is spelled, or `*`. */
function fits(pattern: string, text: string): boolean {
  if (pattern === '*') return !/^(?:env|file|credential):/.test(text);
  if (pattern === text) return true;
  if (!pattern.endsWith('/**')) return false;
  const [folder, scheme] = [pattern.slice(0, -2), /^[a-z]+:/.exec(pattern)?.[0] ?? ''];
  if (!text.startsWith(scheme) || text.includes('\0')) return false;
  const path = posix.normalize(text.slice(scheme.length));
  return path.startsWith('/') && `${scheme}${path}`.startsWith(folder) && `${scheme}${path}` !== folder;
}

function refused(message: string, next: string): CodedError {
  return new CodedError('E_WORKER_REFUSED', message, { next });
}

function leftOut({ settings }: AcceptRule, leaves: readonly Leaf[]): Leaf | undefined {
  return leaves.find(({ name, text }) => !(settings[name] ?? []).some((pattern) => fits(pattern, text)));
}

/**
 * Takes a target from the server where a rule of the worker's own file lets it: connector, every setting and every place of a
 * secret must be listed. `file` is where the rules stand. Throws E_WORKER_REFUSED or E_CONFIG that names what is not; secrets are found last.
 */
export function acceptTargets(
  rules: readonly AcceptRule[],
  connectors: readonly AnyConnector[],
  sources: SecretSources,
  file: string,
): AcceptTarget {
  const place = `worker.accept in ${file} (docs/workers.md has an example), and restart the worker`;
  return ({ name, connector: wanted, settings }: AssignedTarget) => {
    const fitting = rules.filter((rule) => rule.connector === wanted);
    const [first] = fitting;
    if (first === undefined) {
      throw refused(`this worker takes no ${wanted} targets from its server`, `add a rule to ${place}`);
    }
    const leaves = leavesOf(settings);
    const rule = fitting.find((each) => leftOut(each, leaves) === undefined);
    if (rule === undefined) {
      const leaf = leftOut(first, leaves);
      const what = `${leaf?.name ?? ''}: ${leaf?.text ?? ''}`;
      throw refused(`this worker does not take a ${wanted} target with ${what}`, `allow it in ${place}`);
    }
    const connector = connectors.find((known) => known.name === wanted);
    if (connector === undefined) {
      throw refused(
        `this worker has no connector ${wanted}`,
        `use one of ${connectors.map((each) => each.name).join(', ')}`,
      );
    }
    const config = findSecrets(settings, sources);
    const issue = connector.config.safeParse(config).error?.issues[0];
    if (issue !== undefined) {
      // The message of a schema may show what it was given, and that may be a secret by now.
      const field = issue.path.map(String).join('.');
      throw new CodedError('E_CONFIG', `the setting ${field === '' ? name : field} does not fit connector ${wanted}`, {
        field: `/settings/${issue.path.map(String).join('/')}`,
        next: 'see the README of the connector; change it with `countersign targets set`',
      });
    }
    return { name, connector: wanted, config, actions: rule.actions };
  };
}
