const [backslash, quote, colon] = [92, 34, 58];

interface Name {
  readonly from: number;
  readonly to: number;
}

function isWhiteSpace(code: number): boolean {
  return code === 32 || code === 9 || code === 10 || code === 13;
}

/** Where member names stand that are spelled with an escape. */
function escapedNames(text: string): Name[] {
  const names: Name[] = [];
  for (let from = text.indexOf('"'); from !== -1; ) {
    let escaped = false;
    let end = from + 1;
    for (let code = text.charCodeAt(end); end < text.length && code !== quote; code = text.charCodeAt(end)) {
      if (code === backslash) escaped = true;
      end += code === backslash ? 2 : 1;
    }
    let after = end + 1;
    while (escaped && isWhiteSpace(text.charCodeAt(after))) after += 1;
    if (escaped && text.charCodeAt(after) === colon) names.push({ from, to: end + 1 });
    from = text.indexOf('"', end + 1);
  }
  return names;
}

function renamed(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, names));
  if (value === null || typeof value !== 'object') return value;
  const object: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    const name = names.get(key) ?? key;
    if (Object.hasOwn(object, name)) throw new SyntaxError(`the member ${JSON.stringify(name)} stands twice`);
    // Assigned as `__proto__` a member would change what the object is.
    Object.defineProperty(object, name, {
      value: renamed(member, names),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return object;
}

/** A beginning of names that the text does not hold. */
function unusedPrefix(text: string): string {
  let prefix = 'name-';
  while (text.includes(prefix)) prefix = `${prefix}-`;
  return prefix;
}

/**
 * Reads JSON text; what reads text from elsewhere uses this instead of `JSON.parse`, which in V8 12.8 and later reads a
 * member name that is spelled with an escape (`"\""`, `"\n"`) as `\` once the process has seen an object with a name that
 * holds a backslash (nodejs/node issue 63785): a stranger's object would change what another's says. Texts without such
 * names, nearly all, go to `JSON.parse` as they are.
 *
 * @throws SyntaxError for what is no JSON, and for a member with an escaped name that stands twice.
 */
export function readJson(text: string): unknown {
  const names = text.includes('\\') ? escapedNames(text) : [];
  if (names.length === 0) return JSON.parse(text);
  const prefix = unusedPrefix(text);
  const meant = new Map<string, string>();
  const parts: string[] = [];
  let done = 0;
  for (const [index, { from, to }] of names.entries()) {
    const name: unknown = JSON.parse(text.slice(from, to));
    const standIn = `${prefix}${index}`;
    meant.set(standIn, String(name));
    parts.push(text.slice(done, from), `"${standIn}"`);
    done = to;
  }
  return renamed(JSON.parse(parts.join('') + text.slice(done)), meant);
}
