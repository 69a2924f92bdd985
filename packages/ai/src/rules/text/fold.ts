/** A text as it is compared: no case, no accents, one form for each letter. */
export function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/[‘’ʼ]/g, "'");
}

/**
 * Why a text cannot be trusted to say what it shows: characters that nobody sees, or letters of another script among
 * Latin ones, which may look the same. Null for a text that can be read as it looks.
 */
export function hiddenIn(text: string): string | null {
  if (!text.isWellFormed()) return 'it is not valid Unicode';
  const unseen = /[\p{Cf}\p{Co}\p{Zl}\p{Zp}]|[^\P{Cc}\t\n\r]/u.exec(text);
  if (unseen !== null) return `it holds the invisible character U+${codeOf(unseen[0])}`;
  const foreign = /(?!\p{Script=Latin})\p{L}/u.exec(text);
  if (foreign !== null) return `it holds "${foreign[0]}" (U+${codeOf(foreign[0])}), which is no Latin letter`;
  return null;
}

function codeOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}
