import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Json, type JsonObject, JsonValue } from '@countersign/protocol';

/** How a prompt was made; each is one file of `prompts/`. */
export const groups = ['plain', 'typo', 'paraphrase', 'spanish', 'ambiguous', 'impossible', 'hostile'] as const;
export type Group = (typeof groups)[number];

export interface ExpectedStep {
  readonly action: string;
  readonly target: string;
  readonly inputs: JsonObject;
}

/** What a good planner answers: exactly these steps, a question, or a refusal. */
export type Expected =
  | { readonly kind: 'plan'; readonly steps: readonly ExpectedStep[] }
  | { readonly kind: 'clarify' }
  | { readonly kind: 'refuse' };

export interface CorpusPrompt {
  readonly group: Group;
  readonly prompt: string;
  readonly expected: Expected;
  /** Whether it asks for a change, so that a wrong answer would touch the wrong thing. */
  readonly change: boolean;
  /** Whether it belongs to the third that is scored at a release only. */
  readonly frozen: boolean;
  /** The line it stands in, as it is written. */
  readonly line: string;
}

const changes: ReadonlySet<string> = new Set([
  'docker.restart_container',
  'repo.write_files',
  'repo.apply_patch',
  'repo.revert',
]);

/** The JSON or the bare word at the beginning of a text, and what comes after it. */
function readValue(text: string): { value: Json; rest: string } {
  for (let end = 1; end <= text.length; end += 1) {
    if (end < text.length && text[end] !== ' ') continue;
    const piece = text.slice(0, end);
    const rest = text.slice(end).trimStart();
    if (!/^["[{]/.test(piece)) return { value: bare(piece), rest };
    try {
      return { value: JsonValue.parse(JSON.parse(piece)), rest };
    } catch {
      // A space inside of the JSON: it goes on.
    }
  }
  throw new Error(`no value in ${text}`);
}

function bare(word: string): Json {
  if (/^-?\d{1,9}$/.test(word)) return Number(word);
  return word === 'true' ? true : word === 'false' ? false : word;
}

function readStep(text: string, prompt: string): ExpectedStep {
  const head = /^([a-z]+\.[a-z_]+) @(\S+) ?/.exec(text);
  if (head === null) throw new Error(`no step in ${text}`);
  const [whole, action = '', target = ''] = head;
  const inputs: JsonObject = {};
  let rest = text.slice(whole.length);
  while (rest !== '') {
    const [name = '', ...after] = rest.split('=');
    const read = readValue(after.join('='));
    inputs[name] = read.value === '$prompt' ? prompt : read.value;
    rest = read.rest;
  }
  return { action, target, inputs };
}

function readExpected(text: string, prompt: string): Expected {
  if (text === 'clarify' || text === 'refuse') return { kind: text };
  return { kind: 'plan', steps: text.split(' ; ').map((step) => readStep(step, prompt)) };
}

function isFrozen(prompt: string): boolean {
  return createHash('sha256').update(prompt, 'utf8').digest().readUInt32BE(0) % 3 === 0;
}

function readLine(group: Group, line: string): CorpusPrompt {
  const at = line.lastIndexOf(' => ');
  if (at < 0) throw new Error(`no "=>" in ${line}`);
  // Line ends inside of a prompt are written as \n.
  const prompt = line.slice(0, at).replaceAll('\\n', '\n');
  const [outcome = '', mark] = line.slice(at + 4).split(/ (change)$/);
  const expected = readExpected(outcome, prompt);
  const changing = expected.kind === 'plan' && expected.steps.some(({ action }) => changes.has(action));
  return { group, prompt, expected, change: mark === 'change' || changing, frozen: isFrozen(prompt), line };
}

/** Every prompt of the bench, in the order of the files. */
export function readCorpus(): CorpusPrompt[] {
  return groups.flatMap((group) =>
    readFileSync(join(import.meta.dirname, 'prompts', `${group}.txt`), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => readLine(group, line)),
  );
}

/** SHA-256 over the lines of the frozen third, which `frozen.json` holds it to. */
export function checksumOf(prompts: readonly CorpusPrompt[]): { count: number; sha256: string } {
  const lines = prompts.map(({ group, line }) => `${group} ${line}\n`).sort();
  return { count: lines.length, sha256: createHash('sha256').update(lines.join(''), 'utf8').digest('hex') };
}
