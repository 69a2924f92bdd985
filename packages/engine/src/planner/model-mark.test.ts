import fc from 'fast-check';
import { expect, it } from 'vitest';
import { modelRequestId, plannedBy } from './model-mark.ts';

const vaultOf = (key: string) => ({ fingerprint: (text: string) => `hmac:${hashOf(`${key} ${text}`)}` });
function hashOf(text: string): string {
  let hash = 0n;
  for (const letter of text) hash = (hash * 1_099_511_628_211n + BigInt(letter.codePointAt(0) ?? 0)) % 2n ** 64n;
  return hash.toString(16).padStart(16, '0').repeat(4);
}
const id = '01936d3e-7a10-7c22-9f3a-5d2f6f1c0009';
const context = { ids: { next: () => id }, vault: vaultOf('ours') };
const rules = { plan_id: id, planner: 'rules', provider: 'rules', model: 'rules' } as const;

it('knows a step that a model wrote again by its request id, whatever is said of it', () => {
  const minted = modelRequestId(context);
  expect(minted).toMatch(/^01936d3e-7a10-7c22-9f3a-[0-9a-f]{12}$/);
  expect(plannedBy(context, minted, null)).toMatchObject({ planner: 'model', plan_id: minted });
  expect(plannedBy(context, minted, rules)).toMatchObject({ planner: 'model', provider: 'rules' });
  expect(plannedBy({ vault: vaultOf('theirs') }, minted, null)).toBeNull();
});

it('takes the word of a proposal for any other request id', () => {
  const model = { ...rules, planner: 'model' } as const;
  fc.assert(
    fc.property(fc.oneof(fc.uuid(), fc.string(), fc.constant(undefined)), (key) => {
      expect(plannedBy(context, key, null)).toBeNull();
      expect(plannedBy(context, key, rules)).toEqual(rules);
      expect(plannedBy(context, key, model)).toEqual(model);
    }),
  );
});
