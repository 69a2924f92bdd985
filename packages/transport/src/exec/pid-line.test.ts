import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PidLine } from './pid-line.ts';

async function passed(chunks: readonly Buffer[]): Promise<{ text: string; pid: string | undefined; line: PidLine }> {
  const out: Uint8Array[] = [];
  const line = new PidLine((chunk) => out.push(chunk));
  for (const chunk of chunks) line.push(chunk);
  line.end();
  const pid = await Promise.race([line.pid, Promise.resolve(undefined)]);
  return { text: Buffer.concat(out).toString('latin1'), pid, line };
}

it('takes the one line away, wherever it is cut, and leaves the rest', async () => {
  const cuts = fc.array(fc.nat(200), { maxLength: 6 });
  const before = fc.constantFrom('', 'Welcome!\n', 'a\nb\n');
  await fc.assert(
    fc.asyncProperty(before, fc.string({ unit: 'binary-ascii' }), cuts, async (banner, after, at) => {
      const bytes = Buffer.from(`${banner}countersign-pid:4711\n${after}`, 'latin1');
      const borders = [
        0,
        ...at.map((each) => each % (bytes.length + 1)).sort((left, right) => left - right),
        bytes.length,
      ];
      const chunks = borders.slice(1).map((end, index) => bytes.subarray(borders[index], end));
      const { text, pid } = await passed(chunks);
      expect([text, pid]).toEqual([`${banner}${after}`, '4711']);
    }),
  );
});

it('holds nothing back for long, and takes no later line for its own', async () => {
  const long = `${'x'.repeat(5000)}\ncountersign-pid:1\n`;
  expect(await passed([Buffer.from(long.slice(0, 5000)), Buffer.from(long.slice(5000))])).toMatchObject({
    text: long,
    pid: undefined,
  });
  expect(await passed([Buffer.from('oops\n')])).toMatchObject({ text: 'oops\n', pid: undefined });
});

it.each([
  ['env: ‘x’: No such file or directory\n', 127, true],
  ['sh: 1: exec: x: not found\n', 127, true],
  ['sh: exec: line 0: x: Permission denied\n', 126, true],
  ['/bin/sh: line 1: exec: x: not found\n', 127, true],
  ['x: not found\n', 127, false],
  ['sh: 1: exec: x: not found\n', 1, false],
])('knows a program that never began: %s', async (stderr, code, never) => {
  const { line } = await passed([Buffer.from(`countersign-pid:1\n${stderr}`)]);
  expect(line.neverBegan(code)).toBe(never);
});
