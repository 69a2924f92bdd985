import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { ProviderFault } from '@countersign/kernel';
import { CodedError, readJson } from '@countersign/protocol';
import { issueAt, type LoadedConfig, parseProviders } from '../config/load-config.ts';
import { type ProviderEntry, ProviderFile, type ProvidersConfig } from '../config/provider-config.ts';

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

function combine(from: string, providers: ProvidersConfig, env: Env): Omit<WrittenProviders, 'key'> {
  const fault = (place: string, problem: string) =>
    new Faulty({ file: from, line: null, problem: `providers.${place}: ${problem}` });
  const file = providers.file === undefined ? { providers: {} } : readFile(resolve(dirname(from), providers.file));
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

function read(from: string, providers: ProvidersConfig, env: Env): Reading {
  try {
    const { active, entries } = combine(from, providers, env);
    return { ok: true, written: { active, entries, key: JSON.stringify([active, ...entries]) } };
  } catch (error) {
    if (!(error instanceof Faulty)) throw error;
    return { ok: false, key: JSON.stringify(error.fault), faults: [error.fault] };
  }
}

/** The providers of a configuration that is loaded already, with the file that it names. */
export function readProviders({ file, config }: LoadedConfig, env: Env): Reading {
  return read(file, config.providers, env);
}

/** The same with the configuration's file read again. What else it says is not looked at: it counts at the next start. */
export function readProvidersAgain({ file }: Pick<LoadedConfig, 'file'>, env: Env): Reading {
  let providers: ProvidersConfig;
  try {
    providers = parseProviders(file, readFileSync(file, 'utf8'));
  } catch (error) {
    const coded = error instanceof CodedError ? error : null;
    const line = coded?.detail['line'];
    const problem = coded?.message ?? 'cannot be read';
    const fault = { file, line: typeof line === 'number' ? line : null, problem };
    return { ok: false, key: JSON.stringify(fault), faults: [fault] };
  }
  return read(file, providers, env);
}
