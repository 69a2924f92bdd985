/** A text as it is compared: without case, accents and unusual forms of letters. */
export function plain(text: string): string {
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

/** Whether a sentence has this very name in it, as a whole name and not as a part of another. */
export function says(sentence: string, name: string): boolean {
  const text = plain(sentence);
  const wanted = plain(name).trim();
  if (wanted === '') return false;
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + 1)) {
    if (!goesOn(text, at - 1, -1) && !goesOn(text, at + wanted.length, 1)) return true;
  }
  return false;
}

/** The words of a name: `shop`, `web` and `1` of `shop-web-1`. */
export function wordsOf(name: string): string[] {
  return plain(name)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

/** Of a name's words those that a sentence has as words; one letter says too little. */
export function wordsSaid(sentence: string, name: string): string[] {
  const said = new Set(wordsOf(sentence));
  return [...new Set(wordsOf(name))].filter((word) => word.length > 1 && said.has(word));
}

const tierWords: Readonly<Record<string, readonly string[]>> = {
  prod: ['prod', 'production', 'produccion', 'live'],
  stage: ['stage', 'staging', 'preproduccion', 'preprod'],
  dev: ['dev', 'development', 'desarrollo'],
};

/** The word by which a sentence names an environment: its own name, or a usual one of its tier. Null where it does not. */
export function environmentSaid(
  sentence: string,
  { environment, tier }: { environment: string; tier: string },
): string | null {
  if (says(sentence, environment)) return environment;
  return (tierWords[tier] ?? []).find((word) => says(sentence, word)) ?? null;
}

/** Every tier that a sentence names by a usual word. */
export function tiersSaid(sentence: string): string[] {
  return Object.entries(tierWords).flatMap(([tier, words]) =>
    words.some((word) => says(sentence, word)) ? [tier] : [],
  );
}
