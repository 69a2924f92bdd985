/** An address that every reader takes for the same: no quotes, no comments, one @, a domain of ASCII labels. */
const plainAddress = /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*)$/i;
const longestRead = 4096;

/**
 * The domains of the mail addresses in a text, in lower case. What is no plain address is "": a text without any, one
 * that is too long to be read, and every spelling (quotes, comments, two @) on which readers could disagree. A rule that
 * lists the domains it allows therefore refuses all of these.
 */
export function domainsIn(text: string): string[] {
  if (text.length > longestRead) return [''];
  const words = text.split(/[\s,;<>]+/).filter((word) => word.includes('@'));
  if (words.length === 0) return [''];
  return [...new Set(words.map((word) => plainAddress.exec(word)?.[1]?.toLowerCase() ?? ''))];
}
