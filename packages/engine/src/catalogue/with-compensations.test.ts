import type { ActionManifest, ConnectorManifest } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { withCompensations } from './with-compensations.ts';

const action = (name: string, compensation?: ActionManifest['compensation']): ActionManifest => ({
  ...{ name, version: 1, title: name, description: name, effect: 'write', risk: 'low' },
  ...{ timeoutMs: 1, outputCapBytes: 1, idempotency: 'none', replay: 'none', follows: false, inputSchema: {} },
  ...(compensation === undefined ? {} : { compensation }),
});
const manifest: ConnectorManifest = {
  connector: 'x',
  version: '1',
  actions: [action('x.swap', { action: 'x.keep', inputs: ['name', 'within'] }), action('x.keep'), action('x.other')],
  hash: `sha256:${'0'.repeat(64)}`,
};
const swap = { action: 'x.swap', inputs: { name: 'a', image: 'b' } };

it('puts the step that an action wants behind it, with its inputs as far as they were given', () => {
  const keep = { action: 'x.keep', inputs: { name: 'a' } };
  expect(withCompensations(manifest, [swap])).toEqual([swap, keep]);
  const other = { action: 'x.other', inputs: {} };
  expect(withCompensations(manifest, [other, swap, other])).toEqual([other, swap, keep, other]);
});

it('leaves a list alone that has it already, with inputs of its own', () => {
  const keep = { action: 'x.keep', inputs: { name: 'a', within: 5 } };
  expect(withCompensations(manifest, [swap, keep])).toEqual([swap, keep]);
  expect(withCompensations(manifest, [swap, keep, swap, keep])).toEqual([swap, keep, swap, keep]);
});
