const mark = '[secret]';

/** Holds a secret so that printing, logging or serialising it shows `[secret]`; only `reveal()` gives the text. */
export class Secret {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  reveal(): string {
    return this.#text;
  }
  toString(): string {
    return mark;
  }
  toJSON(): string {
    return mark;
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return mark;
  }
}
