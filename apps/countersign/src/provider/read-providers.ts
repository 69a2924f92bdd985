import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { ProviderFault } from '@countersign/kernel';
import { CodedError, readJson } from '@countersign/protocol';
import { issueAt, type LoadedConfig, parseConfig } from '../config/load-config.ts';
import { type ProviderEntry, ProviderFile } from '../config/provider-config.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The providers as they are written now. */
export interface WrittenProviders {
  readonly active: string;
  readonly entries: ReadonlyMap<string, ProviderEntry>;
  /** Changes whenever something of this does. */
  readonly key: string;
}

/** What is read, or what is wrong with it. */
export type Reading =
  | { readonly ok: true; readonly written: WrittenProviders }
  | { readonly ok: false; readonly key: string; readonly faults: readonly ProviderFault[] };

class Faulty extends Error {
  readonly fault: ProviderFault;
  constructor(fault: ProviderFault) {
    super(fault.problem);
    this.fault = fault;
  }
}

function readFile(path: string): ProviderFile {
  const fault = (problem: string) => new Faulty({ file: path, line: null, problem });
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw fault('cannot be read');
  }
  let value: unknown;
  try {
    value = readJson(text);
  } catch {
    throw fault('is not JSON');
  }
  const parsed = ProviderFile.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const { path: place, expected } = issue === undefined ? { path: [], expected: 'is not valid' } : issueAt(issue);
  throw fault(`${place.map(String).join('.')}: ${expected}`);
}

/** The source's variables work without a configuration: a key makes the provider `openai`, a model beside it makes that active. */
function fromEnvironment(env: Env): { entry: ProviderEntry; active: boolean } | null {
  const { OPENAI_API_KEY: key = '', AI_MODEL: model = '' } = env;
  if (key === '') return null;
  const entry: ProviderEntry = {
    type: 'openai_compat',
    base_url: 'https://api.openai.com/v1',
    model: model === '' ? 'gpt-4o-mini' : model,
    api_key: `\${OPENAI_API_KEY}`,
    structured: true,
  };
  return { entry, active: model !== '' };
}

function combine(loaded: LoadedConfig, env: Env): Omit<WrittenProviders, 'key'> {
  const { providers } = loaded.config;
  const fault = (place: string, problem: string) =>
    new Faulty({ file: loaded.file, line: null, problem: `providers.${place}: ${problem}` });
  const file =
    providers.file === undefined ? { providers: {} } : readFile(resolve(dirname(loaded.file), providers.file));
  const entries = new Map(Object.entries(providers.named));
  for (const [name, entry] of Object.entries(file.providers)) {
    if (entries.has(name))
      throw fault(`named.${name}`, `stands in ${providers.file ?? ''} too; name one of them otherwise`);
    entries.set(name, entry);
  }
  const implied = fromEnvironment(env);
  const impliedActive = implied?.active === true && !entries.has('openai');
  if (implied !== null && !entries.has('openai')) entries.set('openai', implied.entry);
  const active = providers.active ?? file.active ?? (impliedActive && entries.size === 1 ? 'openai' : 'rules');
  if (active !== 'rules' && !entries.has(active)) {
    throw fault('active', `there is no provider "${active}"; there are ${['rules', ...entries.keys()].join(', ')}`);
  }
  return { active, entries };
}

/** The providers of a configuration that is loaded already, with the file that it names. */
export function readProviders(loaded: LoadedConfig, env: Env): Reading {
  try {
    const { active, entries } = combine(loaded, env);
    return { ok: true, written: { active, entries, key: JSON.stringify([active, ...entries]) } };
  } catch (error) {
    if (!(error instanceof Faulty)) throw error;
    return { ok: false, key: JSON.stringify(error.fault), faults: [error.fault] };
  }
}

/** The same with the configuration's file read again. */
export function readProvidersAgain({ file }: Pick<LoadedConfig, 'file'>, env: Env): Reading {
  let loaded: LoadedConfig;
  try {
    loaded = parseConfig(file, readFileSync(file, 'utf8'));
  } catch (error) {
    const coded = error instanceof CodedError ? error : null;
    const line = coded?.detail['line'];
    const problem = coded?.message ?? 'cannot be read';
    const fault = { file, line: typeof line === 'number' ? line : null, problem };
    return { ok: false, key: JSON.stringify(fault), faults: [fault] };
  }
  return readProviders(loaded, env);
}
