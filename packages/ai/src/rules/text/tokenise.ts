import { fold } from './fold.ts';
import type { Token, TokenKind } from './token.ts';

const quotes: Readonly<Record<string, string>> = { '"': '"', "'": "'", '`': '`', '“': '”', '«': '»', '‘': '’' };
const wordCharacters = /[^\s"“”«»`,;()¿¡?!{}[\]<>|&$]+/y;
const fence = /```[^\n`]*\n([\s\S]*?)```/y;
// Contractions stay in one piece; a possessive is dropped.
const contraction = /^(?:(?:let|what|it|that|who|where|there|here|how)['’]s|\p{L}+['’](?:t|d|re|ll|ve|m))$/iu;

function quotedAt(prompt: string, start: number): { text: string; end: number } | null {
  fence.lastIndex = start;
  const fenced = fence.exec(prompt);
  if (fenced !== null) return { text: fenced[1] ?? '', end: fence.lastIndex };
  const close = quotes[prompt[start] ?? ''];
  if (close === undefined) return null;
  let text = '';
  for (let at = start + 1; at < prompt.length; at += 1) {
    const character = prompt[at] ?? '';
    const next = prompt[at + 1] ?? '';
    if (character === '\\' && (next === close || next === '\\')) {
      text += next;
      at += 1;
    } else if (character === close && !(close === "'" && /[\p{L}\p{N}]/u.test(next))) {
      return { text, end: at + 1 };
    } else text += character;
  }
  return null;
}

const kindOfMark = (mark: string): TokenKind | null =>
  mark === ',' ? 'pause' : mark === ';' || mark === '?' || mark === '!' ? 'stop' : null;

function wordAt(prompt: string, start: number): Token[] {
  wordCharacters.lastIndex = start;
  const whole = wordCharacters.exec(prompt)?.[0] ?? '';
  // A dot or colon at the end belongs to the sentence, not to the word.
  const bare = whole.replace(/[.:]+$/, '');
  const mark = whole.slice(bare.length);
  const end = start + bare.length;
  const tokens: Token[] = [];
  if (bare !== '') tokens.push(...pieces(bare, start));
  if (mark !== '') {
    const kind = bare === '' ? 'symbol' : mark.startsWith('.') ? 'stop' : 'pause';
    tokens.push({ kind, text: mark, folded: mark, start: end, end: end + mark.length });
  }
  return tokens;
}

function pieces(bare: string, start: number): Token[] {
  const token = (kind: TokenKind, text: string): Token => ({
    kind,
    text,
    folded: fold(text),
    start,
    end: start + bare.length,
  });
  if (/^-?\d{1,9}$/.test(bare)) return [token('number', bare)];
  if (contraction.test(bare)) return [token('word', bare)];
  const possessive = /^(.+)['’]s$/i.exec(bare)?.[1];
  const text = possessive ?? bare;
  if (!/[\p{L}\p{N}]/u.test(text) || /['’]/.test(text)) return [token('symbol', bare)];
  return [token('word', text)];
}

/** Cuts a prompt into tokens; every character that is not blank belongs to one, so nothing that was said is lost. */
export function tokenise(prompt: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < prompt.length) {
    const character = prompt[at] ?? '';
    if (/\s/.test(character) || character === '¿' || character === '¡') {
      at += 1;
      continue;
    }
    const quoted = quotedAt(prompt, at);
    if (quoted !== null) {
      tokens.push({ kind: 'quoted', text: quoted.text, folded: fold(quoted.text), start: at, end: quoted.end });
      at = quoted.end;
      continue;
    }
    const words = wordAt(prompt, at);
    const last = words.at(-1);
    if (last !== undefined && character !== "'" && character !== '‘') {
      tokens.push(...words);
      at = last.end;
      continue;
    }
    const kind = kindOfMark(character) ?? 'symbol';
    tokens.push({ kind, text: character, folded: character, start: at, end: at + 1 });
    at += 1;
  }
  return tokens;
}
