import { type ActionManifest, CodedError, JsonObject, readJson } from '@countersign/protocol';
import type { Context } from '../program/context.ts';
import { inputError } from './input-value.ts';
import { parseKeyValues } from './key-value.ts';
import { readLocalBytes, readLocalText } from './local-file.ts';
import { nearest } from './nearest.ts';
import { type WriteFlags, writeFlagInputs } from './write-flags.ts';

/** How a command line gives the inputs of an action. */
export interface InputOptions extends WriteFlags {
  /** JSON, `@file` or `-` for stdin. */
  readonly inputs?: string;
}

async function jsonInputs(context: Context, given: string): Promise<JsonObject> {
  const { cwd, terminal } = context.deps;
  const text =
    given === '-'
      ? await terminal.stdin.readAll()
      : given.startsWith('@')
        ? await readLocalText(cwd, given.slice(1))
        : given;
  let value: unknown;
  try {
    value = readJson(text);
  } catch (cause) {
    throw inputError('--inputs', `no valid JSON (${cause instanceof Error ? cause.message : 'unreadable'})`);
  }
  const parsed = JsonObject.safeParse(value);
  if (!parsed.success) throw inputError('--inputs', 'must be one JSON object');
  return parsed.data;
}

/** An action of the catalogue by name. E_ACTION_UNKNOWN names the nearest one. */
export async function findAction(context: Context, name: string): Promise<ActionManifest> {
  const { actions } = await context.client.call('actions');
  const found = actions.find((action) => action.name === name);
  if (found) return found;
  const meant = nearest(
    name,
    actions.map((action) => action.name),
  );
  const next = meant === null ? 'see `countersign actions`' : `did you mean ${meant}?`;
  throw new CodedError('E_ACTION_UNKNOWN', `there is no action "${name}"`, { field: 'action', next });
}

/** The inputs of one action: `--inputs`, then the short flags, then `key=value` words; a later one wins whole fields. */
export async function gatherInputs(
  context: Context,
  action: ActionManifest,
  words: readonly string[],
  options: InputOptions,
): Promise<JsonObject> {
  const { cwd } = context.deps;
  const json = options.inputs === undefined ? {} : await jsonInputs(context, options.inputs);
  const flags = await writeFlagInputs(options, (path) => readLocalBytes(cwd, path));
  if (Object.keys(flags).length > 0 && action.name !== 'repo.write_files') {
    throw inputError('--write', `--write, --delete and -m are for repo.write_files, not ${action.name}`);
  }
  const pairs = await parseKeyValues(action, words, (path) => readLocalText(cwd, path));
  return { ...json, ...flags, ...pairs };
}
