import { describe, expect, it } from 'vitest';
import { invalid, valid } from '../checked/checked.ts';
import { rotatedTrust } from '../fixture/rotated-trust.ts';
import { sampleBundle } from '../fixture/sample-bundle.ts';
import { sampleInput } from '../fixture/sample-input.ts';
import { testSigner, testTrust } from '../fixture/test-signer.ts';
import { nodeVerifyCrypto } from '../node.ts';
import { type LogWitness, verifyBundle } from './verify-bundle.ts';

const [first, second] = [testSigner(), testSigner('second key')];
/** The sample is leaf 3 of a log of 6; the key was changed at 6 leaves, before the sample, or just after it. */
const retiredAt = (size: number) => rotatedTrust([first, second], [size]);
const check = async (trust = testTrust(), signer = first, witness: LogWitness | null = null) => {
  const report = await verifyBundle(await sampleBundle(sampleInput(), signer), trust, nodeVerifyCrypto, witness);
  const not = report.findings.filter(({ state }) => state !== 'pass').map(({ id, state }) => `${id} ${state}`);
  return { state: report.state, not };
};

describe('a bundle that a key sealed which was retired since', () => {
  it('is unknown from its own proof: whoever holds the old key now could have made it', async () => {
    expect(await check(retiredAt(6))).toEqual({ state: 'unknown', not: ['anchor.current unknown'] });
  });

  it('passes where the log says that it had this root', async () => {
    const asked: [number, number][] = [];
    const witness: LogWitness = async (size, root) => {
      asked.push([size, root.length]);
      return valid(null);
    };
    expect(await check(retiredAt(6), first, witness)).toEqual({ state: 'pass', not: [] });
    expect(asked).toEqual([[6, 32]]);
  });

  it('fails where the log never had this root: a stolen old key makes no new bundle', async () => {
    const refused = await check(retiredAt(6), first, async () => invalid('the log had another root'));
    expect(refused).toEqual({ state: 'fail', not: ['anchor.current fail'] });
  });

  it('fails where its checkpoint is of a log that had grown past the key', async () => {
    expect(await check(retiredAt(5))).toEqual({ state: 'fail', not: ['anchor.checkpoint fail'] });
  });

  it('fails where another key than the one of that time sealed it', async () => {
    expect(await check(retiredAt(4), second)).toMatchObject({ state: 'fail', not: ['anchor.key fail'] });
  });

  it('a key that is in force needs no witness', async () => {
    const never: LogWitness = async () => invalid('never asked');
    expect(await check(testTrust(), first, never)).toEqual({ state: 'pass', not: [] });
  });
});
