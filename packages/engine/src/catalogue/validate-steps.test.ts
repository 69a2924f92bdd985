import type { ConnectorManifest, JsonObject } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { fakeManifest } from '../fixture/fake-manifest.ts';
import { validateSteps } from './validate-steps.ts';

const good = { action: 'fake.set', inputs: { value: 'x' } };

it('accepts what fits, each step beside its action', () => {
  const outcome = validateSteps(fakeManifest, [good, { action: 'fake.drop', inputs: { value: 'y', password: 'p' } }]);
  expect(outcome).toMatchObject({
    ok: true,
    value: [{ step: good, action: { effect: 'write' } }, { action: { effect: 'destructive' } }],
  });
});

it.each<[string, string, JsonObject, string, object]>([
  [
    'an unknown action',
    'fake.sett',
    { value: 'x' },
    'E_ACTION_UNKNOWN',
    { field: '/steps/1/action', did_you_mean: expect.arrayContaining(['fake.set']) },
  ],
  ['a missing input', 'fake.set', {}, 'E_VALIDATION', { field: '/steps/1/inputs/value' }],
  ['an unknown input', 'fake.set', { value: 'x', valeu: 1 }, 'E_VALIDATION', { field: '/steps/1/inputs/valeu' }],
  ['a wrong type', 'fake.set', { value: 3 }, 'E_VALIDATION', { field: '/steps/1/inputs/value' }],
  ['an odd name', 'fake.set', { value: 'x', 'a/b~c': 1 }, 'E_VALIDATION', { field: '/steps/1/inputs/a~1b~0c' }],
])('names the field and the next step: %s', (_what, action, inputs, code, detail) => {
  const outcome = validateSteps(fakeManifest, [good, { action, inputs }]);
  expect(outcome).toMatchObject({
    ok: false,
    code,
    detail: { ...detail, next: expect.stringContaining('countersign actions') },
  });
});

it('tells every problem of a step, the first as its message', () => {
  const outcome = validateSteps(fakeManifest, [{ action: 'fake.set', inputs: { value: 1, more: 2 } }]);
  const fields = outcome.ok ? [] : outcome.detail['problems'];
  expect(fields).toHaveLength(2);
  expect(outcome).toMatchObject({ ok: false, message: expect.stringContaining('/steps/0/inputs') });
});

it('takes a schema anew when a connector comes with another manifest', () => {
  const open: ConnectorManifest = {
    ...fakeManifest,
    hash: `sha256:${'1'.repeat(64)}`,
    actions: fakeManifest.actions.map((action) => ({ ...action, inputSchema: { type: 'object' } })),
  };
  const strange = { action: 'fake.set', inputs: { other: 1 } };
  expect(validateSteps(fakeManifest, [strange]).ok).toBe(false);
  expect(validateSteps(open, [strange]).ok).toBe(true);
  expect(validateSteps(fakeManifest, [strange]).ok).toBe(false);
});
