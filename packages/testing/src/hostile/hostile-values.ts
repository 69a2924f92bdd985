/** Pieces that some shell, option parser, pattern or program reads as more than a value. */
const pieces = [
  ...["'", '"', '\\', '`', '$', '$(id)', '`id`', '$' + '{HOME}', '~root', '!!', '#', '&&', '||', ';', '|', '&'],
  ...[
    '>',
    '<',
    '>/tmp/x',
    '(',
    ')',
    '{a,b}',
    '[a-z]',
    '*',
    '?',
    '=',
    '%self',
    '^a^b',
    '\n',
    '\r\n',
    '\t',
    ' ',
    '\u0000',
  ],
  ...[
    '-',
    '--',
    '-rf',
    '--help',
    '-H',
    '--host=evil',
    '-M',
    '--root=/',
    '-c',
    '-f',
    '--all',
    '--status-all',
    '-oProxyCommand=id',
  ],
  ...[
    '/',
    '..',
    '../',
    './',
    '.',
    '@',
    ':',
    ',',
    '+',
    '%s',
    '%n',
    '\\x2d',
    '\\0',
    '\u001b[2J',
    '\u00a0',
    '\u202e',
    '\ufeff',
    'é',
    '漢',
    '🙂',
  ],
  ...[
    'all',
    'web',
    'x',
    'nginx.service',
    'a@b',
    'group:web',
    '0',
    '1',
    '4711',
    '-1',
    '1e9',
    '0x10',
    '1.5',
    '-Dx=y',
    '@file',
    'VM.uptime',
    'GC.run',
  ],
  ...[
    'A',
    'b',
    '_',
    '9',
    'service',
    '.service',
    '.jar',
    'com.example.Main',
    'start',
    'stop',
    'status',
    'shutdown',
    'null',
    'true',
  ],
];

/** A small generator of numbers from 0 to below 1 (mulberry32): the same seed, the same values. */
function numbersFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** `count` values that try to be something else: an option, a command, an expansion, a pattern, a path, a second word. */
export function hostileValues(seed: number, count: number): string[] {
  const next = numbersFrom(seed);
  const piece = (): string => pieces[Math.floor(next() * pieces.length)] ?? '';
  return Array.from({ length: count }, () => Array.from({ length: 1 + Math.floor(next() * 4) }, piece).join(''));
}
