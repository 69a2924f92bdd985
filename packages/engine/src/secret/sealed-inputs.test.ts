import { type ActionManifest, findSecrets, type Json, JsonObject } from '@countersign/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeManifest } from '../fixture/fake-manifest.ts';
import { holdsSealedMark, openInputs, sealInputs } from './sealed-inputs.ts';
import { createVault } from './vault.ts';

const vault = createVault(new Uint8Array(32).fill(1));
const [fake] = fakeManifest.actions;
const canary = 'kanarienvogel-77';

function seal(inputs: JsonObject, inputSchema: JsonObject = { type: 'object' }) {
  if (fake === undefined) throw new Error('no action');
  const action: ActionManifest = { ...fake, inputSchema };
  const { steps, values } = sealInputs(vault, [{ step: { action: action.name, inputs }, action }]);
  const rows = values.map((value) => ({ ...value, operationId: 'o', createdAt: 0 }));
  return { steps, rows, text: JSON.stringify(steps) };
}
const open = ({ steps, rows }: ReturnType<typeof seal>, by = vault) => openInputs(by, steps, rows);

const known = fc.constantFrom(
  `ghp_${'a1'.repeat(18)}`,
  'AKIAIOSFODNN7EXAMPLE',
  'password=hunter2222',
  'https://ada:s3cr3tpass@host/x',
  '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0\n-----END PRIVATE KEY-----',
);
const texts = fc.array(fc.oneof(known, fc.string({ unit: 'grapheme', maxLength: 12 })), { maxLength: 4 });
const values = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    texts.map((parts) => parts.join(' ')),
    fc.constantFrom(null, true, 3),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'env'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;

describe('sealed inputs', () => {
  it('come back exactly, and no known secret is left in what is kept', () => {
    let sealed = 0;
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('x', 'y'), values, { noNullPrototype: true }), (inputs) => {
        const kept = seal(JsonObject.parse(inputs));
        sealed += kept.rows.length;
        expect(open(kept).steps[0]?.inputs).toEqual(inputs);
        for (const secret of findSecrets(JSON.stringify(inputs))) {
          if (open(kept).secrets.includes(secret)) expect(kept.text).not.toContain(JSON.stringify(secret).slice(1, -1));
        }
        for (const { name } of kept.rows) expect(kept.text).toContain(name);
      }),
    );
    expect(sealed).toBeGreaterThan(20);
  });

  it('name equal secrets equally, on any installation of the same key, and differently under another', () => {
    const one = seal({ value: canary }, { properties: { value: { 'x-secret': true } } });
    const again = seal({ value: canary }, { properties: { value: { 'x-secret': true } } });
    expect(again.text).toBe(one.text);
    expect(again.rows[0]?.nonce).not.toEqual(one.rows[0]?.nonce);
    const other = createVault(new Uint8Array(32).fill(2)).seal(canary);
    expect(one.text).not.toContain(other.name);
  });

  const secret = { type: 'string', 'x-secret': true };
  it.each<[string, JsonObject, JsonObject]>([
    ['a property', { properties: { p: secret } }, { p: canary }],
    ['a nullable property', { properties: { p: { anyOf: [secret, { type: 'null' }] } } }, { p: canary }],
    ['one of several forms', { oneOf: [{ properties: { p: secret } }, { properties: { q: {} } }] }, { p: canary }],
    ['all of several', { allOf: [{ properties: { p: secret } }] }, { p: canary }],
    ['values of a record', { properties: { env: { additionalProperties: secret } } }, { env: { TOKEN: canary } }],
    ['items of a list', { properties: { list: { items: secret } } }, { list: ['a', canary] }],
    ['a place in a tuple', { properties: { list: { prefixItems: [{}, secret] } } }, { list: ['a', canary] }],
    ['a shared definition', { properties: { p: { $ref: '#/$defs/s' } }, $defs: { s: secret } }, { p: canary }],
    [
      'a list that is secret as a whole',
      { properties: { p: { 'x-secret': true } } },
      { p: ['a', canary, { k: canary }] },
    ],
  ])('hide what the schema marks as secret: %s', (_what, schema, inputs) => {
    const kept = seal(inputs, schema);
    expect(kept.text).not.toContain(canary);
    expect(open(kept)).toMatchObject({ steps: [{ inputs }], secrets: expect.arrayContaining([canary]) });
  });

  it.each<[string, string]>([
    ['text', `name=shop\napi_key=${canary}\n`],
    ['a private key', `-----BEGIN PRIVATE KEY-----\n${canary}-and-more\n-----END PRIVATE KEY-----\n`],
    ['a long text', `${'x\n'.repeat(10_000)}api_key=${canary}\n`],
  ])('hold back base64 whose bytes hold a credential, and tell the worker which: %s', (_what, plain) => {
    const bytes = Buffer.from(plain);
    for (const encoded of [bytes.toString('base64'), bytes.toString('base64url')]) {
      const inputs = { files: [{ path: 'a', content_base64: encoded }] };
      const kept = seal(inputs);
      expect(kept.text).not.toContain(encoded.slice(0, 40));
      const opened = open(kept);
      expect(opened.steps[0]?.inputs).toEqual(inputs);
      for (const secret of findSecrets(plain)) expect(opened.secrets).toContain(secret);
      expect(opened.secrets.every((secret) => secret.length < 5000)).toBe(true);
    }
  });

  it('leave other base64, and bytes of any kind, as they are', () => {
    const inputs = { image: Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('base64'), name: 'x' };
    expect(seal(inputs).steps[0]?.inputs).toEqual(inputs);
  });

  it('know a secret by the name it stands under', () => {
    const inputs = { env: { DB_PASSWORD: canary, NAME: 'kanarienvogel' } };
    const kept = seal(inputs);
    expect(kept.text).not.toContain(canary);
    expect(kept.text).toContain('"NAME":"kanarienvogel"');
    expect(open(kept)).toMatchObject({ steps: [{ inputs }], secrets: [canary] });
  });

  it('are refused under another key, and when a byte or the name was changed', () => {
    const kept = seal({ value: canary }, { properties: { value: secret } });
    expect(() => open(kept, createVault(new Uint8Array(32).fill(2)))).toThrow();
    const [row] = kept.rows;
    if (row === undefined) throw new Error('nothing was sealed');
    fc.assert(
      fc.property(fc.nat(row.ciphertext.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const ciphertext = row.ciphertext.map((byte, index) => (index === at ? byte ^ flip : byte));
        expect(() => vault.open({ ...row, ciphertext })).toThrow();
      }),
    );
    expect(() => vault.open({ ...row, name: `${row.name}0` })).toThrow();
    for (const length of [0, 8, 15, row.ciphertext.length - 1]) {
      expect(() => vault.open({ ...row, ciphertext: row.ciphertext.subarray(0, length) })).toThrow();
    }
  });

  it('cannot be forged: their marks are known at any depth, and only they', () => {
    for (const forged of [{ $sealed: 'x' }, { a: [{ b: { $sealed_parts: [] } }] }])
      expect(holdsSealedMark(forged)).toBe(true);
    for (const plain of [{}, { a: '$sealed' }, { sealed: [{ $seal: 1 }] }, null])
      expect(holdsSealedMark(plain)).toBe(false);
    expect(holdsSealedMark(seal({ value: canary }, { properties: { value: secret } }).steps[0]?.inputs ?? {})).toBe(
      true,
    );
  });

  it('that are gone do not open as something else', () => {
    const kept = seal({ value: canary }, { properties: { value: secret } });
    expect(() => open({ ...kept, rows: [] })).toThrow('a sealed value is missing');
  });
});
