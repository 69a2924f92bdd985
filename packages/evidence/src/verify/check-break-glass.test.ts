import type { BundleValidation } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { signBreakGlass } from '../approval/sign-break-glass.ts';
import { sampleInput, sampleVerdict, sampleWord } from '../fixture/sample-input.ts';
import { testSigner, testTrust } from '../fixture/test-signer.ts';
import { nodeVerifyCrypto } from '../node.ts';
import { checkBreakGlass } from './check-break-glass.ts';

const { run } = sampleInput();
const nothingElse = { manifest: null, run: null };

function validation(word = sampleWord()): BundleValidation {
  return {
    schema: 'countersign.validation.v1',
    checks: [],
    preconditions: [],
    verdict: sampleVerdict,
    verdict_digest: `sha256:${'0'.repeat(64)}`,
    signed_verdicts: [],
    break_glass: { statement: word, envelope: signBreakGlass(word, testSigner()) },
  };
}

it('holds a word by itself, where manifest and run cannot be read', async () => {
  const word = sampleWord();
  const checked = await checkBreakGlass(validation(word), nothingElse, testTrust(), nodeVerifyCrypto);
  expect(checked).toEqual({ word, problems: [] });
});

it('takes a word that was given in the very moment in which the run was created', async () => {
  const at = sampleWord().issued_at;
  for (const [createdAt, problems] of [
    [at, []],
    [at - 1, ['The glass was broken after the run was created.']],
  ] as const) {
    const created = { ...run, created_at: createdAt, started_at: null };
    const checked = await checkBreakGlass(
      validation(),
      { manifest: null, run: created },
      testTrust(),
      nodeVerifyCrypto,
    );
    expect(checked.problems).toEqual(problems);
  }
});
