import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { AiExecuteRequest } from '../group/group.ts';
import { Plan2View } from './plan-prompt.ts';

const action = {
  provider: 'docker',
  action: 'docker.restart_container',
  params: { container: 'web' },
  client_request_id: randomUUID(),
};
const meta = { model: 'rules', duration: 0.01, tokens_in: 0, tokens_out: 0 };
const plan = { intent: 'restart_container', confidence: 0.95, actions: [action] };

test("plan schema: an answer in the source's words is taken, and its actions can be handed on as they are (IP-14)", () => {
  const parsed = Plan2View.parse({ plan, meta });
  const request = { actions: parsed.plan.actions, workspace_id: 'shop', actor_id: 'ada' };
  expect(AiExecuteRequest.parse(request).actions).toEqual([action]);
});

test.each([
  ['a confidence that is none', { ...plan, confidence: 1.5 }],
  ['an action without its key', { ...plan, actions: [{ ...action, client_request_id: undefined }] }],
  ['a key that is no UUID', { ...plan, actions: [{ ...action, client_request_id: 'twice' }] }],
  ['inputs that are no object', { ...plan, actions: [{ ...action, params: 'web' }] }],
  ['an action without connector', { ...plan, actions: [{ ...action, action: 'restart' }] }],
  ['what is no field', { ...plan, actions: [{ ...action, risk: 'none' }] }],
])('plan schema: %s is refused (IP-14)', (_what, bad) => {
  expect(Plan2View.safeParse({ plan: bad, meta }).success).toBe(false);
});

test('plan schema: what is executed names who asks and where, and something to do (IP-14)', () => {
  const good = { actions: [action], workspace_id: 'shop', actor_id: 'ada' };
  expect(AiExecuteRequest.safeParse(good).success).toBe(true);
  for (const bad of [
    { ...good, actions: [] },
    { ...good, actor_id: '' },
    { ...good, workspace_id: undefined },
  ])
    expect(AiExecuteRequest.safeParse(bad).success).toBe(false);
});
