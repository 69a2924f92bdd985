/** Longer texts are seldom read twice, and would crowd out the others. */
const longestText = 32_768;
/** Characters kept at most, all texts together. */
const keptCharacters = 1_000_000;

/**
 * Values by the text that they were decoded from: the same row is read many times on the way of an operation, and its
 * texts are equal across operations. Values are frozen to their depth, because whoever reads the same text shares them.
 */
export class TextMemo<Value> {
  readonly #decode: (text: string) => Value;
  readonly #values = new Map<string, Value>();
  #characters = 0;

  constructor(decode: (text: string) => Value) {
    this.#decode = decode;
  }

  /** What the text decodes to; throws what decoding throws. */
  get(text: string): Value {
    const known = this.#values.get(text);
    if (known !== undefined) return known;
    const value = freeze(this.#decode(text));
    if (text.length <= longestText) this.#keep(text, value);
    return value;
  }

  /** When it is full everything goes: what is in use comes back at once, and nothing needs to be kept in order. */
  #keep(text: string, value: Value): void {
    if (this.#characters + text.length > keptCharacters) {
      this.#values.clear();
      this.#characters = 0;
    }
    this.#values.set(text, value);
    this.#characters += text.length;
  }
}

function freeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) freeze(member);
  return Object.freeze(value);
}
