import type { ByteText } from './patch.ts';

const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '"': '"',
  '\\': '\\',
};

/** Reads a name in git's C quotes at the start of a text; answers it and what follows, or undefined if it is none. */
export function unquote(text: ByteText): { readonly name: ByteText; readonly rest: ByteText } | undefined {
  const quoted = /^"((?:[^"\\]|\\[abfnrtv"\\]|\\[0-3][0-7]{2})*)"/.exec(text);
  if (quoted === null) return undefined;
  const name = (quoted[1] ?? '').replace(/\\([0-3][0-7]{2}|.)/g, (_all, code: string) =>
    code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : (escapes[code] ?? code),
  );
  return { name, rest: text.slice(quoted[0].length) };
}

function escaped(char: string): string {
  if (char >= ' ' && char !== '"' && char !== '\\' && char !== '\x7f') return char;
  const letter = Object.entries(escapes).find(([, meant]) => meant === char)?.[0];
  return `\\${letter ?? char.charCodeAt(0).toString(8).padStart(3, '0')}`;
}

/** Puts a name into git's C quotes if it cannot stand as it is. */
export function quote(name: ByteText): ByteText {
  const inner = [...name].map(escaped).join('');
  return inner === name ? name : `"${inner}"`;
}

/** The text of a name's bytes; undefined if they are not UTF-8. */
export function decodeName(name: ByteText): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(name, 'latin1'));
  } catch {
    return undefined;
  }
}

/** The bytes of a path, as it stands in a patch. */
export function encodeName(path: string): ByteText {
  return Buffer.from(path, 'utf8').toString('latin1');
}
