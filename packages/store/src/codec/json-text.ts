/**
 * Writes a JSON value as one canonical text (keys in UTF-16 order, no spaces, undefined members left out), so that
 * equal values are equal columns on every dialect. Lone surrogates and NUL leave as escapes, which every database takes.
 */
export function jsonText(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  let members = '';
  for (const key of Object.keys(value).sort()) {
    const member: unknown = Reflect.get(value, key);
    if (member !== undefined) members += `${members === '' ? '' : ','}${JSON.stringify(key)}:${jsonText(member)}`;
  }
  return `{${members}}`;
}

/** The same for a column that may be null. */
export function jsonTextOrNull(value: unknown): string | null {
  return value === null ? null : jsonText(value);
}
