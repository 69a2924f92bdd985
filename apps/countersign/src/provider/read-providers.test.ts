import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parseConfig } from '../config/load-config.ts';
import { modelSettingsOf } from '../config/model-settings.ts';
import { openProviders } from './open-providers.ts';
import { readProviders } from './read-providers.ts';

/** The `provider.json` of the source, letter by letter. */
const sourceFile = `{
  "active": "local_ollama",
  "providers": {
    "local_ollama": { "type": "openai_compat", "base_url": "http://localhost:11434/v1", "model": "qwen2.5-coder:7b", "api_key": null },
    "lm_studio": { "type": "openai_compat", "base_url": "http://localhost:1234/v1", "model": "loaded-model", "api_key": null },
    "gemini": { "type": "gemini", "api_key": "\${GEMINI_API_KEY}", "model": "gemini-2.5-pro" },
    "openai": { "type": "openai_compat", "base_url": "https://api.openai.com/v1", "model": "gpt-4o", "api_key": "\${OPENAI_API_KEY}" },
    "claude_api": { "type": "anthropic", "api_key": "\${ANTHROPIC_API_KEY}", "model": "claude-sonnet-4-5-20250929" }
  }
}`;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function write(providers: string, file?: string) {
  const folder = mkdtempSync(join(tmpdir(), 'providers-'));
  folders.push(folder);
  if (file !== undefined) writeFileSync(join(folder, 'provider.json'), file);
  const path = join(folder, 'countersign.yaml');
  const text = (section: string) =>
    `${section}\ntargets:\n  - { name: a, project: p, environment: dev, connector: repo, config: { path: . } }\n`;
  writeFileSync(path, text(providers));
  return {
    loaded: parseConfig(path, text(providers)),
    folder,
    rewrite: (next: string) => writeFileSync(path, text(next)),
  };
}
const surroundings = (env: Record<string, string> = {}) => ({
  env,
  now: () => 0,
  outbound: () => async () => {
    throw new Error('nothing leaves in this test');
  },
});

const namesOf = (providers: string, env: Record<string, string> = {}, file?: string) => {
  const opened = openProviders(write(providers, file).loaded, surroundings(env));
  return { active: opened.byDefault, names: opened.all().map(({ name }) => name), entries: opened.entries() };
};

describe('what is configured (OR-5)', () => {
  it('rules are there and active where nothing is', () => {
    expect(namesOf('')).toMatchObject({ active: 'rules', names: ['rules'] });
  });

  it("the source's file is taken as it is, and its keys are nowhere in what is told", () => {
    const env = { OPENAI_API_KEY: 'sk-canary-1', GEMINI_API_KEY: 'sk-canary-2', ANTHROPIC_API_KEY: 'sk-canary-3' };
    const { active, names, entries } = namesOf('providers: { file: provider.json }', env, sourceFile);
    expect(active).toBe('local_ollama');
    expect(names).toEqual(['rules', 'local_ollama', 'lm_studio', 'gemini', 'openai', 'claude_api']);
    expect(entries.find(({ name }) => name === 'gemini')).toEqual({
      name: 'gemini',
      type: 'gemini',
      model: 'gemini-2.5-pro',
      baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
      keyed: true,
      price: null,
    });
    expect(JSON.stringify(entries)).not.toContain('canary');
  });

  it('several stand in countersign.yaml, with prices', () => {
    const yaml = `providers:
  active: local
  named:
    local: { type: openai_compat, base_url: "http://localhost:1234/v1/", model: m, price: { input_per_million: 0.15, output_per_million: 0.6 } }
    cloud: { type: anthropic, model: c, api_key: "\${K}" }`;
    const { active, entries } = namesOf(yaml);
    expect(active).toBe('local');
    expect(entries[1]).toMatchObject({
      baseUrl: 'http://localhost:1234/v1',
      price: { currency: 'USD', inputPerMillion: 0.15, outputPerMillion: 0.6 },
    });
  });

  it("the source's variables work without a configuration: the model beside the key makes it active (IP-2)", () => {
    expect(namesOf('', { OPENAI_API_KEY: 'k' })).toMatchObject({ active: 'rules', names: ['rules', 'openai'] });
    const asked = namesOf('', { OPENAI_API_KEY: 'k', AI_MODEL: 'gpt-4.1' });
    expect(asked).toMatchObject({ active: 'openai', names: ['rules', 'openai'] });
    expect(asked.entries[1]).toMatchObject({ model: 'gpt-4.1', baseUrl: 'https://api.openai.com/v1' });
    expect(namesOf('', { OPENAI_API_KEY: 'k' }).entries[1]).toMatchObject({ model: 'gpt-4o-mini' });
    expect(namesOf('', { AI_MODEL: 'gpt-4.1' })).toMatchObject({ active: 'rules', names: ['rules'] });
  });

  it("bounds are the configuration's, else the source's variables, else the source's numbers (IP-2)", () => {
    const of = (yaml: string, env: Record<string, string>) => modelSettingsOf(write(yaml).loaded.config.providers, env);
    expect(of('', {})).toEqual({ tokensPerMinute: 8000, outputTokens: 800, timeoutMs: 30_000 });
    const env = { AI_MAX_TOKENS_PER_MIN: '9000', AI_MAX_OUTPUT_TOKENS: '900' };
    expect(of('', env)).toMatchObject({ tokensPerMinute: 9000, outputTokens: 900 });
    expect(of('providers: { max_tokens_per_minute: 100, max_output_tokens: 50 }', env)).toMatchObject({
      tokensPerMinute: 100,
      outputTokens: 50,
    });
    expect(() => of('', { AI_MAX_TOKENS_PER_MIN: 'many' })).toThrow('AI_MAX_TOKENS_PER_MIN');
  });
});

describe('what is refused, by its place', () => {
  const entry = (text: string) => `providers: { named: { a: { type: openai_compat, model: m, ${text} } } }`;
  it.each([
    ['a key in the file itself', entry('api_key: sk-secret'), 'providers.named.a.api_key'],
    ['a key over plain http to elsewhere', entry(`base_url: "http://lan.example/v1", api_key: "\${K}"`), 'base_url'],
    ['an address with a password', entry('base_url: "https://a:b@x.example/v1"'), 'base_url'],
    ['an address with a query', entry('base_url: "https://x.example/v1?key=1"'), 'base_url'],
    ['another type', 'providers: { named: { a: { type: cohere, model: m } } }', 'type'],
    ['the name that is always there', 'providers: { named: { rules: { type: gemini, model: m } } }', 'rules'],
    ['an unknown setting', 'providers: { colour: blue }', 'colour'],
  ])('%s', (_what, yaml, place) => {
    const parse = () => write(yaml);
    expect(parse).toThrow(place);
    expect(() => parse()).not.toThrow('sk-secret');
  });

  it.each([
    ['an active one that is not there', 'providers: { active: nobody }', undefined, 'there is no provider "nobody"'],
    ['a file that is not there', 'providers: { file: provider.json }', undefined, 'cannot be read'],
    ['a file that is no JSON', 'providers: { file: provider.json }', '{', 'is not JSON'],
    [
      'a file with more in it',
      'providers: { file: provider.json }',
      '{"providers":{},"x":1}',
      'x: is not a setting here',
    ],
    [
      'one name in both',
      'providers: { file: provider.json, named: { gemini: { type: gemini, model: m } } }',
      sourceFile,
      'provider.json too',
    ],
  ])('%s', (_what, yaml, file, problem) => {
    const { loaded } = write(yaml, file);
    expect(() => openProviders(loaded, surroundings())).toThrow(problem);
    expect(readProviders(loaded, {})).toMatchObject({
      ok: false,
      faults: [{ problem: expect.stringContaining(problem) }],
    });
  });
});

describe('reading it again', () => {
  it('takes over what is valid, keeps what did not change, and leaves the old set where it is not', () => {
    const { loaded, rewrite } = write(
      'providers: { named: { a: { type: gemini, model: m }, b: { type: gemini, model: m } } }',
    );
    const providers = openProviders(loaded, surroundings());
    const [, a, b] = providers.all();
    expect(providers.reload()).toEqual({ kind: 'same' });
    rewrite('providers: { active: a, named: { a: { type: gemini, model: m }, b: { type: gemini, model: m2 } } }');
    const key = providers.look();
    expect(providers.reload('another key')).toEqual({ kind: 'same' });
    expect(providers.reload(key)).toEqual({ kind: 'changed' });
    expect(providers.byDefault).toBe('a');
    expect(providers.named('a')).toBe(a);
    expect(providers.named('b')).not.toBe(b);
    expect(providers.named('b')?.model).toBe('m2');
    rewrite('providers: { active: c }');
    expect(providers.reload()).toMatchObject({
      kind: 'refused',
      faults: [{ problem: expect.stringContaining('"c"') }],
    });
    expect(providers.reload(), 'told once').toEqual({ kind: 'same' });
    expect(providers.faults()).toHaveLength(1);
    expect(providers.byDefault).toBe('a');
    rewrite('providers: { active: [');
    expect(providers.reload()).toMatchObject({ kind: 'refused' });
    expect(providers.all().map(({ name }) => name)).toEqual(['rules', 'a', 'b']);
    rewrite('providers: { active: a, named: { a: { type: gemini, model: m }, b: { type: gemini, model: m2 } } }');
    expect(providers.reload()).toEqual({ kind: 'same' });
    expect(providers.faults()).toEqual([]);
  });
});

it('what is wrong elsewhere in the file is no fault of its providers, and keeps none of them from being taken over', () => {
  const named = (name: string) =>
    `providers: { active: ${name}, named: { ${name}: { type: openai_compat, base_url: 'http://localhost:1/v1', model: m } } }`;
  const { loaded, rewrite } = write(named('one'));
  const providers = openProviders(loaded, surroundings());
  rewrite(`${named('one')}\nserver: { port: none }\nnot_a_setting: 1`);
  expect(providers.reload()).toEqual({ kind: 'same' });
  expect(providers.faults()).toEqual([]);
  rewrite(`${named('two')}\nserver: { port: none }`);
  expect(providers.reload()).toEqual({ kind: 'changed' });
  expect(providers.byDefault).toBe('two');
  rewrite(`${named('two').replace('model: m', 'model: 7')}\nserver: { port: none }`);
  expect(providers.reload()).toMatchObject({
    kind: 'refused',
    faults: [{ line: 1, problem: expect.stringContaining('providers.named.two.model') }],
  });
  // Where the file is no YAML at all, nobody can say what its providers are.
  rewrite(`${named('two')}\nserver: {`);
  expect(providers.reload()).toMatchObject({ kind: 'refused', faults: [{ line: expect.any(Number) }] });
  expect(providers.byDefault).toBe('two');
});
