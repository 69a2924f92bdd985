import { expect, it } from 'vitest';
import { createVault } from './vault.ts';

const vault = createVault(new Uint8Array(32).fill(7));

it('opens what it sealed, and nothing of which any part was changed or cut', () => {
  const sealed = vault.seal('a secret');
  expect(vault.open(sealed).reveal()).toBe('a secret');
  const { ciphertext, nonce } = sealed;
  for (let at = 0; at < ciphertext.length; at += 1) {
    const flipped = ciphertext.map((byte, index) => (index === at ? byte ^ 1 : byte));
    expect(() => vault.open({ ...sealed, ciphertext: flipped }), `byte ${at}`).toThrow();
    expect(() => vault.open({ ...sealed, ciphertext: ciphertext.slice(0, at) }), `cut to ${at}`).toThrow();
  }
  expect(() => vault.open({ ...sealed, nonce: nonce.map((byte) => byte ^ 1) })).toThrow();
  expect(() => vault.open({ ...sealed, name: 'hmac:other' })).toThrow();
});

it('takes no shorter tag: of an empty text whose tag was cut to four bytes, one in 2^32 would pass', () => {
  const sealed = vault.seal('');
  expect(sealed.ciphertext).toHaveLength(16);
  expect(() => vault.open({ ...sealed, ciphertext: sealed.ciphertext.slice(0, 4) })).toThrow();
});
