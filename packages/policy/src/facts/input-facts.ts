import type { CedarValueJson, EntityJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { Json, JsonObject } from '@countersign/protocol';
import { domainsIn } from './mail-domains.ts';

/** Longer texts are not read: nobody compares with them. */
const longestText = 512;
/** Stands among texts and domains for what cannot be read, so that no list of what is allowed has all that is there. */
const unreadable = '';
/** How far a number may be from zero; Cedar's own numbers go a little further. */
const greatest = Number.MAX_SAFE_INTEGER;

interface Gathered {
  readonly numbers: Map<string, number>;
  readonly least: Map<string, number>;
  readonly texts: Map<string, Set<string>>;
  readonly domains: Map<string, Set<string>>;
  readonly flags: Map<string, boolean>;
  /** Names of sealed values: nobody knows what they hold, nor what stands below them. */
  readonly sealed: Set<string>;
  /** Names at which something is empty. */
  readonly empty: Set<string>;
}

/** One entity of values by name. */
interface Part {
  readonly type: string;
  readonly id: string;
  readonly values: ReadonlyMap<string, CedarValueJson>;
}

/** A step's inputs as the entities that policies read; `Inputs::"step"` is the one that `context.inputs` names. */
export function inputEntities(inputs: JsonObject): readonly EntityJson[] {
  const found: Gathered = {
    numbers: new Map(),
    least: new Map(),
    texts: new Map(),
    domains: new Map(),
    flags: new Map(),
    sealed: new Set(),
    empty: new Set(),
  };
  gather(inputs, '', found);
  markUnreadable(found);
  const parts: readonly Part[] = [
    { type: 'Numbers', id: 'numbers', values: found.numbers },
    { type: 'Numbers', id: 'least', values: found.least },
    { type: 'Texts', id: 'texts', values: sorted(found.texts) },
    { type: 'Texts', id: 'domains', values: sorted(found.domains) },
    { type: 'Flags', id: 'flags', values: found.flags },
  ];
  const attrs = Object.fromEntries(parts.map(({ type, id }) => [id, { __entity: { type, id } }]));
  return [{ uid: { type: 'Inputs', id: 'step' }, attrs, parents: [] }, ...parts.map(tagged)];
}

function gather(value: Json, name: string, found: Gathered): void {
  if (typeof value === 'number') gatherNumber(value, name, found);
  else if (typeof value === 'string') gatherText(value, name, found);
  else if (typeof value === 'boolean') found.flags.set(name, value || (found.flags.get(name) ?? false));
  else if (Array.isArray(value)) for (const item of value) gather(item, name, found);
  else if (value === null) found.empty.add(name);
  else if (isSealed(value)) found.sealed.add(name);
  else {
    for (const [key, item] of Object.entries(value)) gather(item, name === '' ? key : `${name}/${key}`, found);
  }
}

/**
 * Makes what cannot be read seen: a sealed value is the empty text there and at every name below it, and so is a value of
 * another kind beside texts. A number beside something else may be any number.
 */
function markUnreadable({ numbers, least, texts, domains, flags, sealed, empty }: Gathered): void {
  const mark = (name: string): void => {
    addTo(texts, name, unreadable);
    addTo(domains, name, unreadable);
  };
  const isHidden = (name: string): boolean =>
    [...sealed].some((above) => name === above || name.startsWith(`${above}/`));
  for (const name of numbers.keys()) {
    if (!isHidden(name) && !texts.has(name) && !flags.has(name) && !empty.has(name)) continue;
    numbers.set(name, greatest);
    least.set(name, -greatest);
  }
  for (const name of [...texts.keys()]) {
    if (isHidden(name) || numbers.has(name) || flags.has(name) || empty.has(name)) mark(name);
  }
  for (const name of sealed) mark(name);
}

function isSealed(value: JsonObject): boolean {
  return Object.hasOwn(value, '$sealed') || Object.hasOwn(value, '$sealed_parts');
}

function gatherNumber(value: number, name: string, { numbers, least }: Gathered): void {
  const up = Math.min(Math.max(Math.ceil(value), -greatest), greatest);
  const down = Math.min(Math.max(Math.floor(value), -greatest), greatest);
  numbers.set(name, Math.max(up, numbers.get(name) ?? up));
  least.set(name, Math.min(down, least.get(name) ?? down));
}

function gatherText(value: string, name: string, { texts, domains }: Gathered): void {
  addTo(texts, name, value.length <= longestText ? value : unreadable);
  for (const domain of domainsIn(value)) addTo(domains, name, domain);
}

function addTo(sets: Map<string, Set<string>>, name: string, value: string): void {
  const set = sets.get(name) ?? new Set();
  sets.set(name, set.add(value));
}

function sorted(sets: ReadonlyMap<string, ReadonlySet<string>>): Map<string, string[]> {
  return new Map([...sets].map(([name, set]) => [name, [...set].sort()]));
}

// Negative zero is no number of Cedar's JSON.
function tagged({ type, id, values }: Part): EntityJson {
  const tags = Object.fromEntries([...values].map(([name, value]) => [name, value === 0 ? 0 : value]));
  return { uid: { type, id }, attrs: {}, parents: [], tags };
}
