import { setTimeout } from 'node:timers/promises';
import { createProvider, defaultBaseUrls, type ProviderSettings, rulesProvider } from '@countersign/ai';
import type {
  ModelProvider,
  ProviderFault,
  ProviderReload,
  Providers,
  ProviderEntry as PublicEntry,
} from '@countersign/kernel';
import { CodedError } from '@countersign/protocol';
import type { Outbound } from '../compose/outbound.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { ProviderEntry } from '../config/provider-config.ts';
import { type Reading, readProviders, readProvidersAgain, type WrittenProviders } from './read-providers.ts';

/** What providers are made with. */
export interface ProviderSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
  readonly outbound: Outbound;
}

// A model may take its time over an answer; each request has a deadline of its own below this.
const longestCallMs = 600_000;
const longestAnswerBytes = 8 * 1024 * 1024;

function keyOf(name: string, { api_key }: ProviderEntry, env: ProviderSurroundings['env']): () => string | null {
  const variable = /^\$\{(.+)\}$/.exec(api_key ?? '')?.[1];
  if (variable === undefined) return () => null;
  return () => {
    const key = env[variable] ?? '';
    if (key !== '') return key;
    throw new CodedError('E_CONFIG', `provider "${name}" has its key in ${variable}, which is not set`, {
      field: variable,
      next: 'set it where the server runs, then start the server again',
    });
  };
}

function settingsOf(name: string, entry: ProviderEntry, env: ProviderSurroundings['env']): ProviderSettings {
  const { type, base_url, model, api_key, structured, price } = entry;
  return {
    name,
    type,
    baseUrl: (base_url ?? defaultBaseUrls[type]).replace(/\/+$/, ''),
    model,
    key: keyOf(name, entry, env),
    keyed: typeof api_key === 'string',
    structured,
    price:
      price === undefined
        ? null
        : {
            currency: price.currency,
            inputPerMillion: price.input_per_million,
            outputPerMillion: price.output_per_million,
          },
  };
}

/** A provider and what people may see of it. */
interface Made {
  readonly provider: ModelProvider;
  readonly entry: PublicEntry;
  /** The configuration that it was made by. */
  readonly by: string;
}

const rules: Made = {
  provider: rulesProvider,
  entry: { name: 'rules', type: 'rules', model: 'rules', baseUrl: null, keyed: false, price: null },
  by: '',
};

class ConfiguredProviders implements Providers {
  readonly #loaded: LoadedConfig;
  readonly #surroundings: ProviderSurroundings;
  #made: readonly Made[] = [rules];
  #written: WrittenProviders;
  #refused: { readonly key: string; readonly faults: readonly ProviderFault[] } | null = null;

  constructor(loaded: LoadedConfig, surroundings: ProviderSurroundings, written: WrittenProviders) {
    this.#loaded = loaded;
    this.#surroundings = surroundings;
    this.#written = written;
    this.#take(written);
  }

  get byDefault(): string {
    return this.#written.active;
  }
  all(): readonly ModelProvider[] {
    return this.#made.map(({ provider }) => provider);
  }
  named(name: string): ModelProvider | null {
    return this.#made.find(({ entry }) => entry.name === name)?.provider ?? null;
  }
  entries(): readonly PublicEntry[] {
    return this.#made.map(({ entry }) => entry);
  }
  faults(): readonly ProviderFault[] {
    return this.#refused?.faults ?? [];
  }

  look(): string {
    const reading = readProvidersAgain(this.#loaded, this.#surroundings.env);
    return reading.ok ? reading.written.key : reading.key;
  }

  reload(only?: string): ProviderReload {
    const reading = readProvidersAgain(this.#loaded, this.#surroundings.env);
    const key = reading.ok ? reading.written.key : reading.key;
    if (only !== undefined && key !== only) return { kind: 'same' };
    if (!reading.ok) {
      if (reading.key === this.#refused?.key) return { kind: 'same' };
      this.#refused = reading;
      return { kind: 'refused', faults: reading.faults };
    }
    this.#refused = null;
    if (reading.written.key === this.#written.key) return { kind: 'same' };
    this.#take(reading.written);
    return { kind: 'changed' };
  }

  #take(written: WrittenProviders): void {
    const made = [...written.entries].map(([name, entry]) => {
      const by = JSON.stringify(entry);
      // One that did not change stays, and with it what is known of how it fares.
      const standing = this.#made.find((each) => each.entry.name === name && each.by === by);
      return standing ?? { ...this.#make(name, entry), by };
    });
    this.#made = [rules, ...made];
    this.#written = written;
  }

  #make(name: string, entry: ProviderEntry): Omit<Made, 'by'> {
    const { env, now, outbound } = this.#surroundings;
    const settings = settingsOf(name, entry, env);
    const { origin } = new URL(settings.baseUrl);
    const fetch = outbound({
      origins: [origin],
      timeoutMs: longestCallMs,
      maxBytes: longestAnswerBytes,
      permits: origin,
    });
    const provider = createProvider(settings, {
      fetch: (url, call) => fetch(url, { ...call, redirect: 'error' }),
      now,
      random: Math.random,
      wait: (ms, signal) => setTimeout(ms, undefined, { signal }),
    });
    const { type, model, baseUrl, keyed, price } = settings;
    return { provider, entry: { name, type, model, baseUrl, keyed, price } };
  }
}

/** The providers of a configuration, which may be read again while the server runs. Throws E_CONFIG for what is not valid. */
export function openProviders(loaded: LoadedConfig, surroundings: ProviderSurroundings): Providers {
  const reading: Reading = readProviders(loaded, surroundings.env);
  if (reading.ok) return new ConfiguredProviders(loaded, surroundings, reading.written);
  const [fault] = reading.faults;
  throw new CodedError('E_CONFIG', `${fault?.file ?? loaded.file}: ${fault?.problem ?? 'is not valid'}`, {
    field: 'providers',
    next: 'mend that and start again',
  });
}
