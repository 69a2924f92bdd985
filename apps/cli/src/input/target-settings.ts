import { type Json, JsonValue, readJson, type SecretPlace, type TargetSettings } from '@countersign/protocol';
import { InvalidArgumentError } from 'commander';

/** A setting by its dotted name, such as `tls.ca_file`. */
export interface Setting {
  readonly name: string;
  readonly value: Json;
}

function parts(text: string, form: string): { readonly name: string; readonly rest: string } {
  const [, name, rest] = /^([A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || rest === undefined) throw new InvalidArgumentError(`Expected ${form}.`);
  return { name, rest };
}

function jsonOr(text: string): Json {
  try {
    const parsed = JsonValue.safeParse(readJson(text));
    return parsed.success ? parsed.data : text;
  } catch {
    return text;
  }
}

/** `NAME=VALUE`; a number, true, false, null, a list or an object in JSON is taken as such, anything else as text. */
export function collectSetting(text: string, before: readonly Setting[] = []): Setting[] {
  const { name, rest } = parts(text, 'NAME=VALUE, such as path=/srv/shop');
  return [...before, { name, value: jsonOr(rest) }];
}

/** `NAME=file:PATH`, `NAME=env:VARIABLE` or `NAME=credential:NAME`: where the worker finds a secret. */
export function collectSecret(text: string, before: readonly Setting[] = []): Setting[] {
  const { name, rest } = parts(text, 'NAME=file:PATH, NAME=env:VARIABLE or NAME=credential:NAME');
  const [, kind, place = ''] = /^(file|env|credential):(.+)$/s.exec(rest) ?? [];
  const made: Readonly<Record<string, SecretPlace>> = {
    file: { secret_file: place },
    env: { secret_env: place },
    credential: { secret_credential: place },
  };
  const value = made[kind ?? ''];
  if (value === undefined) {
    throw new InvalidArgumentError('Expected where the worker finds it: file:PATH, env:VARIABLE or credential:NAME.');
  }
  return [...before, { name, value }];
}

function withSetting(settings: TargetSettings, [key = '', ...rest]: readonly string[], value: Json): TargetSettings {
  if (rest.length === 0) return { ...settings, [key]: value };
  const inner = settings[key];
  const object = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : {};
  return { ...settings, [key]: withSetting(object, rest, value) };
}

/** Settings with each of these put in its place. */
export function settingsWith(base: TargetSettings, changes: readonly Setting[]): TargetSettings {
  return changes.reduce((settings, { name, value }) => withSetting(settings, name.split('.'), value), base);
}
