import { TrustRoot } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import { handoverNote, rotatedTrust } from '../fixture/rotated-trust.ts';
import { testInstallation, testSigner, testTrust } from '../fixture/test-signer.ts';
import { nodeVerifyCrypto, publicKeyOf } from '../node.ts';
import { signRotation } from './rotation.ts';
import { extendsTrust, verifyTrust } from './verify-trust.ts';

const [first, second, third] = [testSigner(), testSigner('second key'), testSigner('third key')];
const whole = rotatedTrust();
const reasonOf = async (trust: TrustRoot) => {
  const answer = await verifyTrust(trust, nodeVerifyCrypto);
  return answer.ok ? 'ok' : answer.reason;
};
const changed = (change: (copy: TrustRoot) => void): TrustRoot => {
  const copy = structuredClone(whole);
  change(copy);
  return copy;
};
const key = (trust: TrustRoot, index: number) => trust.keys[index]!;
const rotation = (trust: TrustRoot, index: number) => trust.rotations[index]!;

const lastSignature = (note: string) => `${note.trimEnd().split('\n').at(-1)}\n`;

describe('a trust root', () => {
  it('holds with one key, and after two rotations', async () => {
    expect(await reasonOf(testTrust())).toBe('ok');
    expect(await reasonOf(whole)).toBe('ok');
    expect(whole.keys.map(({ from_size, until_size }) => [from_size, until_size])).toEqual([
      [0, 6],
      [6, 20],
      [20, null],
    ]);
  });

  it('from before rotations is read with its one key good for all of the log', async () => {
    const { schema, installation, keys } = testTrust();
    const old = { schema, installation, keys: keys.map(({ purposes, from_size, until_size, ...rest }) => rest) };
    const read = TrustRoot.parse(old);
    expect(read.keys).toEqual(keys);
    expect(await reasonOf(read)).toBe('ok');
  });

  it.each<[string, TrustRoot, string]>([
    ['another origin', changed((t) => (t.origin = 'countersign/other')), 'the origin is not'],
    ['a rotation too few', changed((t) => t.rotations.pop()), '3 keys and 1 rotations'],
    ['a key twice', changed((t) => (t.keys[2] = { ...key(t, 0) })), 'twice'],
    ['a key id of another key', changed((t) => (key(t, 1).keyid = `sha256:${'0'.repeat(64)}`)), 'not the hash'],
    ['a short key', changed((t) => (key(t, 1).public_key = 'AAAA')), 'no Ed25519 key'],
    ['a name with a space', changed((t) => (key(t, 0).name = 'a b')), 'a name that cannot stand'],
    ['a first key that begins late', changed((t) => (key(t, 0).from_size = 1)), 'does not begin with the log'],
    ['a last key that is retired', changed((t) => (key(t, 2).until_size = 40)), 'no key is in force'],
    ['a longer life of the old key', changed((t) => (key(t, 0).until_size = 7)), 'do not change at the size'],
    ['an earlier start of the new key', changed((t) => (key(t, 2).from_size = 19)), 'do not change at the size'],
    ['an old key that is never retired', changed((t) => (key(t, 0).until_size = null)), 'do not change at the size'],
    ['other purposes than were vouched for', changed((t) => (key(t, 1).purposes = ['evidence'])), 'another key'],
    [
      'a rotation that only the new key signed',
      changed((t) => rotation(t, 0).statement.signatures.shift()),
      'not signed by the old key and then the new one',
    ],
    [
      'a rotation that only the old key signed',
      changed((t) => rotation(t, 0).statement.signatures.pop()),
      'not signed by the old key and then the new one',
    ],
    ['signatures in another order', changed((t) => rotation(t, 0).statement.signatures.reverse()), 'not signed by'],
    [
      'the rotation of a foreign key',
      changed((t) => {
        const thief = testSigner('thief');
        rotation(t, 0).statement = signRotation(testInstallation, publicKeyOf(second), thief, second);
      }),
      'not trusted',
    ],
    [
      'a rotation of another installation',
      changed((t) => {
        rotation(t, 0).statement = signRotation('other', publicKeyOf(second), first, second);
      }),
      'names other keys',
    ],
    [
      'a rotation to another key',
      changed((t) => {
        rotation(t, 0).statement = signRotation(testInstallation, publicKeyOf(third), first, second);
      }),
      'names other keys',
    ],
    ['rotations swapped', changed((t) => t.rotations.reverse()), 'rotation 1:'],
    [
      'a checkpoint that only one of both signed',
      changed((t) => (rotation(t, 0).checkpoint = handoverNote(first, first, 6))),
      'signed it twice',
    ],
    [
      'a checkpoint that a stranger signed too',
      changed((t) => (rotation(t, 0).checkpoint = handoverNote(first, testSigner('stranger'), 6))),
      'not signed by exactly both keys',
    ],
    [
      'a checkpoint that both and a stranger signed',
      changed((t) => {
        rotation(t, 0).checkpoint += lastSignature(handoverNote(first, testSigner('stranger'), 6));
      }),
      'rotation 1: its checkpoint is not signed by exactly both keys',
    ],
    [
      'a checkpoint that the new key alone signed',
      changed((t) => {
        const [text, signatures = ''] = rotation(t, 0).checkpoint.split('\n\n');
        rotation(t, 0).checkpoint = `${text}\n\n${lastSignature(signatures)}`;
      }),
      'rotation 1: its checkpoint is not signed by exactly both keys',
    ],
    [
      'a key that was replaced at the size at which it began',
      rotatedTrust([first, second, third], [6, 6]),
      'rotation 2: the keys do not change at the size of its checkpoint',
    ],
    ['a public key that is no base64', changed((t) => (key(t, 1).public_key = '!')), 'is no Ed25519 key'],
    ['no key at all', { ...testTrust(), keys: [] }, '0 keys and 0 rotations'],
  ])('is refused with %s', async (_, trust, reason) => {
    expect(await reasonOf(trust)).toContain(reason);
  });
});

describe('a kept trust root', () => {
  const early = rotatedTrust([first, second], [6]);

  it('is continued by one with more keys, and by itself', () => {
    for (const [kept, trust] of [
      [testTrust(), whole],
      [early, whole],
      [whole, whole],
    ] as const)
      expect(extendsTrust(kept, trust).ok).toBe(true);
  });

  it.each<[string, TrustRoot, TrustRoot, string]>([
    ['an older one', whole, early, 'older'],
    ['another installation', early, { ...whole, installation: 'x' }, 'installation x'],
    ['another first key', early, rotatedTrust([third, second], [6]), 'another key'],
    ['another second key', early, rotatedTrust([first, third], [6]), 'another key'],
    ['another time of retirement', early, rotatedTrust([first, second], [7]), 'other times'],
    [
      'another start of its second key alone',
      early,
      { ...whole, keys: whole.keys.map((each, index) => (index === 1 ? { ...each, from_size: 7 } : each)) },
      `it has other times for ${second.keyid}`,
    ],
    [
      'another end of its first key alone',
      early,
      { ...whole, keys: whole.keys.map((each, index) => (index === 0 ? { ...each, until_size: 7 } : each)) },
      `it has other times for ${first.keyid}`,
    ],
    ['a rotation told in another way', early, { ...whole, rotations: [...whole.rotations].reverse() }, 'another way'],
  ])('is not continued by %s', (_, kept, trust, reason) => {
    const answer = extendsTrust(kept, trust);
    expect(answer.ok ? 'ok' : answer.reason).toContain(reason);
  });
});
