/** An address that every reader takes for the same: no quotes, no comments, one @, a domain of ASCII labels. */
const plainAddress = /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*)$/i;
/** A name before an address in angle brackets; the name holds nothing that any reader could take for an address or a header. */
const withName = /^(?:"[^"\\@<>,;:()\p{Cc}]*"|[^"\\@<>,;:()\p{Cc}]*) *<([^<>]*)>$/u;
const longestRead = 4096;

/**
 * The domains of the mail addresses in a text, in lower case: recipients apart by comma, semicolon or line, each a plain
 * address, or a name and one in angle brackets. Whatever is neither is "": a text without any, one that is too long to be
 * read, a word beside an address, and every spelling (quotes, comments, two @) on which readers could disagree. A rule that
 * lists the domains it allows therefore refuses all of these.
 */
export function domainsIn(text: string): string[] {
  if (text.length > longestRead) return [''];
  const recipients = text.split(/[,;\n]/).map((each) => each.trim());
  const named = recipients.filter((each) => each !== '');
  return named.length === 0 ? [''] : [...new Set(named.map(domainOf))];
}

function domainOf(recipient: string): string {
  const address = withName.exec(recipient)?.[1]?.trim() ?? recipient;
  return plainAddress.exec(address)?.[1]?.toLowerCase() ?? '';
}
