export const levels = ['error', 'warn', 'info', 'debug'] as const;
export type Level = (typeof levels)[number];

const words: readonly (readonly [Level, string])[] = [
  ['error', 'emerg|alert|fatal|panic|critical|crit|severe|error|err'],
  ['warn', 'warning|warn'],
  ['info', 'notice|info'],
  ['debug', 'debug|trace|verbose'],
];
const allWords = words.map(([, alternatives]) => alternatives).join('|');

/** `level=warn`, `"severity":"ERROR"`. */
const keyed = new RegExp(`\\b(?:level|lvl|severity)"?\\s*[=:]\\s*"?(${allWords})\\b`, 'i');
/** pino and bunyan: 10 trace to 60 fatal. */
const numbered = /"level"\s*:\s*(10|20|30|40|50|60)\b/;
/** `[error]`, `<warn>`, `error:`, or the bare word in capitals. A bare lower-case word is prose. */
const marked = new RegExp(`[[<(](${allWords})[\\]>)]|(?:^|\\s)(${allWords}):`, 'i');
const capitals = new RegExp(`\\b(${allWords.toUpperCase()})\\b`);
const pythonTraceback = /^Traceback \(most recent call last\)/;

function levelOfWord(word: string): Level | undefined {
  const lower = word.toLowerCase();
  return words.find(([, alternatives]) => alternatives.split('|').includes(lower))?.[0];
}

function levelOfNumber(number: number): Level {
  if (number >= 50) return 'error';
  if (number >= 40) return 'warn';
  return number >= 30 ? 'info' : 'debug';
}

/** The level a log line gives itself, by the spellings of common loggers; undefined if it gives none. */
export function levelOf(line: string): Level | undefined {
  const head = line.slice(0, 400);
  const number = numbered.exec(head)?.[1];
  if (number !== undefined) return levelOfNumber(Number(number));
  if (pythonTraceback.test(head)) return 'error';
  for (const pattern of [keyed, capitals, marked]) {
    const match = pattern.exec(head);
    const word = match?.[1] ?? match?.[2];
    if (word !== undefined) return levelOfWord(word);
  }
  return undefined;
}
