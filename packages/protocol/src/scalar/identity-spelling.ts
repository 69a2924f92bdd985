const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A UUID's 128 bits as a 26-digit ULID (Crockford base 32). */
export function ulidOf(uuid: string): string {
  let bits = BigInt(`0x${uuid.replaceAll('-', '')}`);
  let text = '';
  for (let digit = 0; digit < 26; digit += 1) {
    text = alphabet.charAt(Number(bits & 31n)) + text;
    bits >>= 5n;
  }
  return text;
}

/** The UUID with the same bits as a ULID, or null when the text is no ULID. */
export function uuidOfUlid(ulid: string): string | null {
  if (!/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(ulid)) return null;
  let bits = 0n;
  for (const digit of ulid) bits = (bits << 5n) | BigInt(alphabet.indexOf(digit));
  const hex = bits.toString(16).padStart(32, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The operation behind a UUID, `d_<ulid>` (a draft) or `a_<ulid>` (approved): the same 128 bits. Null for anything else. */
export function uuidOfOperationRef(text: string): string | null {
  if (/^[da]_/.test(text)) return uuidOfUlid(text.slice(2));
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text) ? text : null;
}

/** How faces spell an operation's id while it is a draft: `d_<ulid>`. */
export function draftIdOf(uuid: string): string {
  return `d_${ulidOf(uuid)}`;
}

/** How faces spell an operation's id once it is approved: `a_<ulid>`, the same bits. */
export function approvedIdOf(uuid: string): string {
  return `a_${ulidOf(uuid)}`;
}

/** How faces spell a run's id: `r_<ulid>`. */
export function runIdOf(uuid: string): string {
  return `r_${ulidOf(uuid)}`;
}

/** The UUID behind `r_<ulid>`, or null. */
export function uuidOfRunId(runId: string): string | null {
  return runId.startsWith('r_') ? uuidOfUlid(runId.slice(2)) : null;
}
