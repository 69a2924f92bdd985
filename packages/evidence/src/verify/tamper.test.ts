import type { VerifyReport } from '@countersign/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../bytes/utf8.ts';
import { sampleBundle } from '../fixture/sample-bundle.ts';
import { testTrust } from '../fixture/test-signer.ts';
import { nodeVerifyCrypto } from '../node.ts';
import { verifyBundle } from './verify-bundle.ts';

const seed = 20_261_121;
// Under mutation every mutant runs this again: a part of the bytes has to do.
const few = process.env['COUNTERSIGN_MUTATION'] !== undefined;
const whole = await sampleBundle();
const paths = [...whole.keys()];
const trust = testTrust();
// Nothing else vouches for these byte by byte, so every byte of them is tried.
const exhaustive = ['manifest.json', 'statement.dsse.json', 'tlog-proof', 'audit-entry.json'];

function verify(files: ReadonlyMap<string, Uint8Array>): Promise<VerifyReport> {
  return verifyBundle(files, trust, nodeVerifyCrypto);
}

/** Whether the report refuses the bundle and says that this file is why. */
function names(report: VerifyReport, path: string): boolean {
  const refused = report.state === 'fail' || report.state === 'error';
  return refused && report.findings.some(({ file, state }) => file === path && (state === 'fail' || state === 'error'));
}

function flip(path: string, at: number, mask: number): Map<string, Uint8Array> {
  const bytes = (whole.get(path) ?? new Uint8Array()).slice();
  bytes[at] = (bytes[at] ?? 0) ^ mask;
  return new Map([...whole, [path, bytes]]);
}

describe('a tampered bundle', () => {
  it.each(exhaustive)('is found at every byte of %s', async (path) => {
    const size = whole.get(path)?.length ?? 0;
    const missed: number[] = [];
    for (let at = 0; at < size; at += few ? 83 : 1) {
      const mask = 1 << (at % 8);
      if (!names(await verify(flip(path, at, mask)), path)) missed.push(at);
    }
    expect(size).toBeGreaterThan(300);
    expect(missed).toEqual([]);
  });

  it.each(paths)('is found at random bytes of %s', async (path) => {
    const size = whole.get(path)?.length ?? 0;
    const change = fc.record({ at: fc.nat({ max: size - 1 }), mask: fc.integer({ min: 1, max: 255 }) });
    const property = fc.asyncProperty(change, async ({ at, mask }) => {
      expect(names(await verify(flip(path, at, mask)), path)).toBe(true);
    });
    await fc.assert(property, { seed, numRuns: few ? 3 : 60 });
  });

  it.each(paths)('is found when %s is missing, empty, cut, longer, or garbage', async (path) => {
    const bytes = whole.get(path) ?? new Uint8Array();
    const without = new Map(whole);
    without.delete(path);
    expect(names(await verify(without), path)).toBe(true);
    const cuts = [0, 1, Math.floor(bytes.length / 2), bytes.length - 1].map((size) => bytes.slice(0, size));
    const longer = [utf8('\n'), utf8(' '), utf8('{}')].map((more) => new Uint8Array([...bytes, ...more]));
    const garbage = [utf8('null'), utf8('{}'), utf8('['.repeat(5_000)), new Uint8Array([0xff, 0xfe]), utf8('{"a":1}')];
    for (const other of [...cuts, ...longer, ...garbage]) {
      expect(names(await verify(new Map([...whole, [path, other]])), path)).toBe(true);
    }
  });

  it('is found when any two files are swapped', async () => {
    for (const left of paths) {
      for (const right of paths.filter((path) => path > left).slice(0, few ? 2 : paths.length)) {
        const [a, b] = [whole.get(left) ?? new Uint8Array(), whole.get(right) ?? new Uint8Array()];
        const report = await verify(new Map([...whole, [left, b], [right, a]]));
        // Without a readable manifest nothing can be said of a file that only the manifest speaks for.
        const doubted = report.findings.filter(({ state }) => state !== 'pass').map(({ file }) => file);
        expect(report.state).toMatch(/^(fail|error)$/);
        expect([left, right].filter((path) => !doubted.includes(path))).toEqual([]);
        if (right !== 'manifest.json' && left !== 'manifest.json') {
          expect([left, right].filter((path) => !names(report, path))).toEqual([]);
        }
      }
    }
  });

  it.each(['notes.txt', 'diffs/0002-more.patch', '../escape', 'manifest.json.bak', ''])(
    'is found when %j is added',
    async (path) => {
      expect(names(await verify(new Map([...whole, [path, utf8('x')]])), path)).toBe(true);
    },
  );

  it('never makes the verifier throw, whatever the files hold', async () => {
    const content = fc.oneof(fc.uint8Array({ maxLength: 64 }), fc.json().map(utf8), fc.constant(utf8('[{"a":[]}]')));
    const property = fc.asyncProperty(fc.dictionary(fc.constantFrom(...paths), content), async (files) => {
      expect(['fail', 'error']).toContain((await verify(new Map(Object.entries(files)))).state);
    });
    await fc.assert(property, { seed, numRuns: few ? 30 : 300 });
  });

  it('is not vouched for by another key, installation or log', async () => {
    const stranger = await verifyBundle(whole, { ...trust, installation: 'another' }, nodeVerifyCrypto);
    expect(names(stranger, 'manifest.json') && names(stranger, 'tlog-proof')).toBe(true);
    const keys = trust.keys.map((key) => ({ ...key, keyid: 'sha256:other' }));
    expect(names(await verifyBundle(whole, { ...trust, keys }, nodeVerifyCrypto), 'statement.dsse.json')).toBe(true);
  });
});
