/** A text as it is compared: without case, accents and unusual forms of letters. */
function plain(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
}

const isWord = (letter: string): boolean => /[\p{L}\p{N}_]/u.test(letter);
/** What joins words into one name where it stands between two of them: `web-1`, `src/app.ts`, `ann@example.com`. */
const isJoint = (letter: string): boolean => /[-./@:+\\]/.test(letter);

/** Whether a name goes on beyond this place, away from its middle: `web` in `web-payments`. */
function goesOn(text: string, at: number, step: 1 | -1): boolean {
  const letter = text.charAt(at);
  if (letter === '') return false;
  if (isWord(letter)) return true;
  return isJoint(letter) && isWord(text.charAt(at + step));
}

/** The words of a name: `shop`, `web` and `1` of `shop-web-1`. */
function wordsOf(name: string): string[] {
  return plain(name)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

const tierWords: Readonly<Record<string, readonly string[]>> = {
  prod: ['prod', 'production', 'produccion', 'live'],
  stage: ['stage', 'staging', 'preproduccion', 'preprod'],
  dev: ['dev', 'development', 'desarrollo'],
};

/** A sentence, made ready once to be looked into: names are looked up in it by the hundred. */
export class Sentence {
  readonly #text: string;
  readonly #words: ReadonlySet<string>;

  constructor(sentence: string) {
    this.#text = plain(sentence);
    this.#words = new Set(wordsOf(sentence));
  }

  /** Whether it has this very name in it, as a whole name and not as a part of another. */
  says(name: string): boolean {
    const text = this.#text;
    const wanted = plain(name).trim();
    if (wanted === '') return false;
    for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + 1)) {
      if (!goesOn(text, at - 1, -1) && !goesOn(text, at + wanted.length, 1)) return true;
    }
    return false;
  }

  /** Of a name's words those that it has as words; one letter says too little. */
  wordsOf(name: string): string[] {
    return [...new Set(wordsOf(name))].filter((word) => word.length > 1 && this.#words.has(word));
  }

  /** The word by which it names an environment: its own name, or a usual one of its tier. Null where it does not. */
  environment({ environment, tier }: { environment: string; tier: string }): string | null {
    if (this.says(environment)) return environment;
    return (tierWords[tier] ?? []).find((word) => this.says(word)) ?? null;
  }

  /** Every tier that it names by a usual word. */
  tiers(): string[] {
    return Object.entries(tierWords).flatMap(([tier, words]) => (words.some((word) => this.says(word)) ? [tier] : []));
  }
}
