import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { makeGitRepository, makeTempFolder } from '@countersign/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { session, step, write } from './fixture/session.ts';

const content = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc
    .array(
      fc.constantFrom('a\n', 'b\r\n', 'diff --git a/x b/x\n', '@@ -1 +1 @@\n', '+\n', 'ü', '\xff', '\0', '--- a\n', ''),
      { maxLength: 8 },
    )
    .map((lines) => Buffer.from(lines.join(''), 'latin1')),
);
const name = fc.constantFrom('a', 'b.txt', 'c d', 'ü', 'quote"d', "it's", 'x/y', 'x/z', 'tab', '*', '[a]');
// On a busy machine fewer cases are tried; the first ones always are.
const budgetMs = 15_000;
const atLeast = 3;
const files = fc.dictionary(name, content, { minKeys: 1, maxKeys: 6 });

it('the commit is exactly what the shown patches make of the old one, and the rollback plan takes it back', async () => {
  const started = performance.now();
  let tried = 0;
  await fc.assert(
    fc.asyncProperty(files, files, fc.boolean(), async (first, second, executable) => {
      if (tried >= atLeast && performance.now() - started > budgetMs) return;
      tried += 1;
      using repository = await makeGitRepository();
      const { path, git } = repository;
      const { plan, apply } = session(path);
      const put = (set: Record<string, Uint8Array>) =>
        Object.entries(set).map(([file, bytes]) => ({
          path: file,
          content_base64: Buffer.from(bytes).toString('base64'),
        }));
      await apply(write(put(first)));
      const old = await git('rev-parse', 'main');
      const gone = Object.keys(first)
        .filter((file) => !(file in second))
        .map((file) => ({ path: file, delete: true }));
      const change = write([...put(second), ...gone], { executable });
      const { checks, diffs, rollback } = await plan(change);
      const failing = checks.filter((check) => check.status === 'fail').map((check) => check.id);
      if (failing.includes('repo.changes_something')) return;
      expect(failing).toEqual([]);
      await apply(change);

      using clone = makeTempFolder();
      const copy = join(clone.path, 'copy');
      const inCopy = (args: string[], input = '') =>
        execFileSync('git', ['-C', copy, ...args], { encoding: 'utf8', input }).trim();
      execFileSync('git', ['clone', '--quiet', '-c', 'core.autocrlf=false', path, copy]);
      inCopy(['checkout', '--quiet', '--detach', old]);
      inCopy(['apply', '--index', '--whitespace=nowarn', '-'], diffs.map((diff) => diff.patch).join(''));
      expect(inCopy(['write-tree'])).toBe(await git('rev-parse', 'main^{tree}'));
      expect(await git('status', '--porcelain')).toBe('');
      expect(await git('fsck', '--strict', '--no-dangling')).toBe('');

      if (!rollback.possible) throw new Error(rollback.reason);
      await apply(...rollback.steps.map((each) => step(each.action, each.inputs)));
      expect(await git('rev-parse', 'main^{tree}')).toBe(await git('rev-parse', `${old}^{tree}`));
    }),
    // Files emptied and made with one content: nothing may be taken for a rename of another.
    {
      numRuns: 12,
      examples: [
        [
          {
            a: new Uint8Array(Buffer.from('b\r\n--- a\n')),
            'x/z': new Uint8Array(),
            'x/y': new Uint8Array([174, 5, 162, 3]),
          },
          { '[a]': new Uint8Array(), tab: new Uint8Array(), 'x/y': new Uint8Array() },
          false,
        ],
      ],
    },
  );
}, 120_000);
