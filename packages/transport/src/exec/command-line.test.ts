import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostileWords } from '../fixture/hostile-words.ts';
import { commandLine, quoteWord } from './command-line.ts';

/** The shell that npm's own scripts need too; others are asked by the live tests. */
const shell = '/bin/sh';

function readBack(words: readonly string[]): string[] {
  const printed = execFileSync(shell, ['-c', `exec printf '%s\\0' ${words.map(quoteWord).join(' ')}`], {
    env: { PATH: process.env['PATH'], HOME: '/nowhere' },
    cwd: '/',
  });
  return printed.toString('utf8').split('\0').slice(0, -1);
}

describe('a word of a command line', () => {
  it('is read back equal by a real shell: 10,000 hostile ones', () => {
    const seed = 20_261_128;
    const words = fc.sample(hostileWords, { numRuns: 10_000, seed });
    console.log(`10,000 words, seed ${seed}`);
    expect(words.filter((word) => /['"\\$`;&|\n]/.test(word)).length).toBeGreaterThan(5_000);
    for (let at = 0; at < words.length; at += 250) {
      const sent = words.slice(at, at + 250);
      expect(readBack(sent)).toEqual(sent);
    }
  });

  it('stays as it is where no shell could read it as anything else', () => {
    expect(['a-b_c.d/e:f@g+h,i', '', "it's", 'a\\b'].map(quoteWord)).toEqual([
      'a-b_c.d/e:f@g+h,i',
      "''",
      `'it'"'"'s'`,
      `'a'"\\\\"'b'`,
    ]);
  });
});

describe('a command line', () => {
  it('replaces the shell by the program, with nothing but its own environment', () => {
    const line = commandLine({ file: 'printenv', args: [], env: { A: "b 'c'", B: '' }, cwd: '/tmp' });
    expect(line).toBe(
      `cd -- /tmp && exec sh -c 'echo "countersign-pid:$$" >&2; exec "$@"' sh ` +
        `env -i 'A=b '"'"'c'"'" 'B=' printenv </dev/null`,
    );
    expect(
      execFileSync(shell, ['-c', line], {
        stdio: ['pipe', 'pipe', 'ignore'],
        env: { PATH: process.env['PATH'], SECRET: 'x' },
      }).toString(),
    ).toBe("A=b 'c'\nB=\n");
  });

  it.each([
    ['file', { file: '-c' }],
    ['file', { file: 'A=b' }],
    ['file', { file: '' }],
    ['args[1]', { args: ['a', 'b\0c'] }],
    ['env "A=B"', { env: { 'A=B': 'x' } }],
    ['env A', { env: { A: '\0' } }],
    ['cwd', { cwd: 'here' }],
  ])('is refused with the name of the field: %s', (field, part) => {
    const request = { file: 'true', args: [], env: {}, ...part };
    expect(() => commandLine(request)).toThrow(
      expect.objectContaining({ code: 'E_VALIDATION', effect: 'none', detail: { field } }),
    );
  });
});
