import type { Json, JsonObject } from '@countersign/protocol';
import { isJsonObject } from '../grammar/json-object.ts';
import { conceptOf } from '../lexicon/vocabulary.ts';
import type { Reading } from './parse-clause.ts';
import { isPathLike, pathOf } from './paths.ts';
import { phrasesAt, type Tagged } from './tagged.ts';

/** A list of files and the like: each path becomes one entry of the one alternative that everything said fits into. */
function fillComposite(
  reading: Reading,
  name: string,
  alternatives: readonly JsonObject[],
  tokens: readonly Tagged[],
): JsonObject[] | null {
  const paths = takePaths(reading, tokens, false);
  const removed = alternatives.find((one) => flagOf(one, reading.verbs) !== null);
  if (removed !== undefined) {
    const flag = flagOf(removed, reading.verbs);
    const quoted = paths.length > 0 ? [] : takePaths(reading, tokens, true);
    const all = [...paths, ...quoted];
    return flag === null || all.length === 0 ? null : all.map((path) => ({ path, [flag]: true }));
  }
  const texts = tokens.filter(({ kind, index }) => kind === 'quoted' && !reading.used.has(index));
  const said = reading.nested.get(`${name}.content`);
  const [text, ...others] = texts;
  const content = said ?? text?.text;
  const [path, ...more] = paths;
  if (path === undefined || more.length > 0 || content === undefined) {
    for (const token of tokens.filter((one) => isUnquotedPath(one) && more.length > 0))
      reading.used.delete(token.index);
    return null;
  }
  if (said === undefined && text !== undefined && others.length === 0) reading.used.add(text.index);
  return [{ path, content }];
}

/** The property of an alternative that can only be true and is called as the verb that was used: `delete`. */
function flagOf(alternative: JsonObject, verbs: ReadonlySet<string>): string | null {
  const properties = isJsonObject(alternative['properties']) ? alternative['properties'] : {};
  const flags = Object.entries(properties).filter(([, schema]) => isJsonObject(schema) && schema['const'] === true);
  return flags.find(([property]) => verbs.has(conceptOf('verb', property)))?.[0] ?? null;
}

const isUnquotedPath = ({ kind, text }: Tagged) => kind === 'word' && isPathLike(text);

function takePaths(reading: Reading, tokens: readonly Tagged[], quoted: boolean): string[] {
  const found = tokens.filter(
    (token) => !reading.used.has(token.index) && (quoted ? token.kind === 'quoted' : isUnquotedPath(token)),
  );
  for (const { index } of found) reading.used.add(index);
  return found.map(({ text }) => pathOf(text));
}

function takeOnePath(reading: Reading, tokens: readonly Tagged[]): string | null {
  const token = tokens.find(
    (one) => !reading.used.has(one.index) && (isUnquotedPath(one) || (one.kind === 'quoted' && isPathLike(one.text))),
  );
  if (token === undefined) return null;
  reading.used.add(token.index);
  return pathOf(token.text);
}

/** A word of exactly the form that a required input has, such as a whole commit id. */
function takeByPattern(reading: Reading, tokens: readonly Tagged[], pattern: string): string | null {
  const form = new RegExp(pattern);
  const token = tokens.find(
    (one, at) =>
      !reading.used.has(one.index) &&
      (one.kind === 'word' || one.kind === 'quoted') &&
      one.text.length >= 7 &&
      /\d/.test(one.text) &&
      phrasesAt(tokens, at).length === 0 &&
      form.test(one.text),
  );
  if (token === undefined) return null;
  reading.used.add(token.index);
  return token.text;
}

function takeOnlyText(reading: Reading, tokens: readonly Tagged[]): string | null {
  const texts = tokens.filter(({ kind, index }) => kind === 'quoted' && !reading.used.has(index));
  const [text, second] = texts;
  if (text === undefined || second !== undefined) return null;
  reading.used.add(text.index);
  return text.text;
}

function fillOne(reading: Reading, tokens: readonly Tagged[], name: string): Json | null {
  const grammar = reading.grammar.inputs.find((input) => input.name === name);
  if (grammar === undefined) return null;
  const { input, required, schema } = grammar;
  const pattern = schema['pattern'];
  switch (input.kind) {
    case 'composite':
      return fillComposite(reading, name, input.alternatives, tokens);
    case 'path':
      return takeOnePath(reading, tokens);
    case 'paths': {
      const paths = takePaths(reading, tokens, false);
      return paths.length === 0 ? null : paths;
    }
    case 'ref':
      return required && typeof pattern === 'string' ? takeByPattern(reading, tokens, pattern) : null;
    case 'text':
      return (required || schema['x-ask'] === true) && !grammar.fromPrompt ? takeOnlyText(reading, tokens) : null;
    default:
      return null;
  }
}

/** The inputs of a reading: what phrases said, then what a token can only be. */
export function fillFromTokens(reading: Reading, tokens: readonly Tagged[], prompt: string): JsonObject {
  const inputs: JsonObject = {};
  for (const { name, input, fromPrompt, required } of reading.grammar.inputs) {
    if (input.kind === 'entity') continue;
    const value = reading.inputs.get(name) ?? fillOne(reading, tokens, name);
    if (value !== null) inputs[name] = value;
    else if (fromPrompt && required) inputs[name] = prompt;
  }
  return inputs;
}
