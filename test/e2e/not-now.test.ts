import { breakGlass, weekdays } from '@countersign/engine';
import { expect, it } from 'vitest';
import { auditEntries } from './harness/audit.ts';
import { fetchBundle, verified } from './harness/bundle.ts';
import { describeServer } from './harness/describe-server.ts';
import { anchored, approve, confirm, digestOf, propose, runToEnd, show, until, writeFiles } from './harness/flow.ts';
import { expectRefused } from './harness/refused.ts';
import { steppedUp } from './harness/stepped-up.ts';

/** A day that is neither today nor a neighbour of it, anywhere on earth. */
const otherDay = weekdays[(new Date().getUTCDay() + 6 + 3) % 7] ?? 'mon';
const windows = [
  { environment: 'stage', days: [otherDay], from: '09:00', to: '17:00', time_zone: 'Europe/Berlin' },
  { environment: 'prod', from: '00:00', to: '00:00' },
];

describeServer('windows, freezes and broken glass', { config: { change_windows: windows } }, (stage) => {
  const start = (op_id: string, digest: string) => stage().alice.client.call('opsExecute', { body: { op_id, digest } });

  it('outside of its change windows nothing starts; in one, and where there is none, it does (DO-10, DO-19)', async () => {
    const { alice, bob, repos } = stage();
    const shut = await propose(alice.client, writeFiles('stage', { 'w.txt': 'w\n' }));
    expect(shut.display).toBe('waiting_confirmation');
    const held = await confirm(alice.client, shut);
    expect(held).toMatchObject({
      display: 'held',
      verdict: { decision: 'allow' },
      detail: { frozen: null, in_window: false },
    });
    const refused = await expectRefused(start(shut.op_id, digestOf(shut)), 'E_POLICY_DENIED');
    expect(refused.detail).toMatchObject({
      outside_of_windows: true,
      verdict: { policies: [{ id: 'run-in-window' }] },
    });
    expect(await repos.stage.git('ls-tree', '--name-only', 'main', 'w.txt')).toBe('');
    const open = await propose(alice.client, writeFiles('prod', { 'w.txt': 'w\n' }));
    await approve(bob.client, open.op_id);
    const ended = await runToEnd(alice.client, open);
    await anchored(alice.client, open.op_id);
    expect((await verified(alice.client, ended.bundle_id)).state).toBe('pass');
  });

  it('in a frozen environment nothing starts, by a word or by itself, until it is thawed (DO-10, DO-19)', async () => {
    const { admin, alice, repos } = stage();
    const place = { project: 'shop', environment: 'dev' };
    const before = await propose(alice.client, writeFiles('dev', { 'f.txt': 'f\n' }));
    await expectRefused(
      alice.client.call('freezeSet', { body: { ...place, frozen: true, reason: 'mine' } }),
      'E_AUTH_FORBIDDEN',
    );
    await expectRefused(
      admin.client.call('freezeSet', { body: { ...place, environment: 'nowhere', frozen: true, reason: 'r' } }),
      'E_NOT_FOUND',
    );
    await admin.client.call('freezeSet', { body: { ...place, frozen: true, reason: 'inventory' } });
    expect((await admin.client.call('health')).frozen).toEqual(['shop/dev']);
    const refused = await expectRefused(start(before.op_id, digestOf(before)), 'E_POLICY_DENIED');
    expect(refused.detail).toMatchObject({
      frozen: { by: 'admin', reason: 'inventory', until: null },
      verdict: { policies: [{ id: 'no-run-while-frozen' }] },
    });
    expect((await show(alice.client, before.op_id)).display).toBe('held');
    const itself = await propose(alice.client, { ...writeFiles('dev', { 'g.txt': 'g\n' }), start: 'when_allowed' });
    expect(itself).toMatchObject({ display: 'held', run: null });
    expect(await repos.dev.git('ls-tree', '--name-only', 'main', 'f.txt', 'g.txt')).toBe('');
    const thaw = { ...place, frozen: false, reason: 'counted' };
    expect((await admin.client.call('freezeSet', { body: thaw })).freezes).toEqual([]);
    await expectRefused(admin.client.call('freezeSet', { body: thaw }), 'E_NOT_FOUND');
    expect((await show(alice.client, itself.op_id)).run, 'a thaw sets nothing loose').toBeNull();
    expect((await runToEnd(alice.client, before)).status).toBe('succeeded');
    const events = await auditEntries(stage(), { subject: 'shop/dev' });
    expect(events.map(({ event }) => event)).toEqual(['freeze.set', 'freeze.lifted']);
  });

  it('a freeze that has ended holds nothing (DO-19)', async () => {
    const { admin, alice } = stage();
    const planned = await propose(alice.client, writeFiles('dev', { 'h.txt': 'h\n' }));
    const place = { project: 'shop', environment: 'dev', frozen: true, reason: 'short' };
    await expectRefused(admin.client.call('freezeSet', { body: { ...place, until: 1 } }), 'E_VALIDATION');
    await admin.client.call('freezeSet', { body: { ...place, until: Date.now() + 600 } });
    expect((await show(alice.client, planned.op_id)).display).toBe('held');
    await until(alice.client, planned.op_id, 'ready', ({ display }) => display === 'ready');
    expect((await admin.client.call('freezeList')).freezes).toEqual([]);
    expect((await runToEnd(alice.client, planned)).status).toBe('succeeded');
  });

  it('broken glass: one named person, freshly proven, past freeze and approval; told, reviewed by another, in the bundle (DO-10, CP-9)', async () => {
    const { admin, alice, bob, bearer, running } = stage();
    const { context } = running;
    const agent = await bearer({ name: 'glass-bot', kind: 'agent', role: 'actions', owner: 'bob' });
    const eve = await bearer({ name: 'eve', kind: 'person', role: 'approver' });
    await admin.client.call('freezeSet', {
      body: { project: 'shop', environment: 'prod', frozen: true, reason: 'sale' },
    });
    const planned = await propose(alice.client, writeFiles('prod', { 'glass.txt': 'now\n' }));
    const { op_id: opId } = planned;
    const digest = digestOf(planned);
    const request = { opId, digest, reason: 'the shop is down' };
    const body = { digest, reason: request.reason };
    await expectRefused(bob.client.call('opsBreakGlass', { params: { op_id: opId }, body }), 'E_STEP_UP_REQUIRED');
    await expectRefused(alice.client.call('opsBreakGlass', { params: { op_id: opId }, body }), 'E_AUTH_FORBIDDEN');
    await expectRefused(agent.client.call('opsBreakGlass', { params: { op_id: opId }, body }), 'E_AUTH_FORBIDDEN');
    const late = await breakGlass(context, await steppedUp(stage(), bob, 300_001), request);
    expect(late).toMatchObject({ ok: false, code: 'E_STEP_UP_REQUIRED' });
    const fresh = await steppedUp(stage(), bob);
    const foreign = await breakGlass(context, { ...fresh, principal: { ...fresh.principal, ai: true } }, request);
    expect(foreign).toMatchObject({ ok: false, code: 'E_APPROVAL_NOT_ALLOWED' });
    const wrong = await breakGlass(context, fresh, { ...request, digest: `sha256:${'0'.repeat(64)}` });
    expect(wrong).toMatchObject({ ok: false, code: 'E_DIGEST_MISMATCH' });
    expect(await breakGlass(context, fresh, request)).toMatchObject({ ok: true });
    expect(await breakGlass(context, fresh, request)).toMatchObject({ ok: false, code: 'E_STATE' });
    const ended = await until(alice.client, opId, 'ended', ({ state }) => state === 'closed');
    expect(ended).toMatchObject({ status: 'succeeded', approvals: [] });

    expect((await admin.client.call('health')).reviews_open).toBe(1);
    const [told] = (await alice.client.call('breakGlassList', { query: { open: 'true' } })).break_glass;
    expect(told).toMatchObject({ op_id: opId, by: 'bob', reason: 'the shop is down', review: null });
    const review = { params: { op_id: opId }, body: { finding: 'justified', comment: 'seen the outage' } } as const;
    await expectRefused(bob.client.call('opsBreakGlassReview', review), 'E_APPROVAL_NOT_ALLOWED');
    expect((await eve.client.call('opsBreakGlassReview', review)).review).toMatchObject({
      by: 'eve',
      finding: 'justified',
    });
    await expectRefused(eve.client.call('opsBreakGlassReview', review), 'E_ALREADY_DECIDED');
    expect((await admin.client.call('health')).reviews_open).toBe(0);
    expect((await alice.client.call('breakGlassList', { query: { open: 'true' } })).break_glass).toEqual([]);

    await anchored(alice.client, opId);
    const { files } = await fetchBundle(alice.client, ended.bundle_id);
    const validation = JSON.parse(Buffer.from(files.get('validation.json') ?? []).toString('utf8'));
    expect(validation.break_glass.statement).toMatchObject({ principal: 'bob', root: 'bob', op_id: opId });
    expect(validation.demanded).toEqual([]);
    const report = await verified(alice.client, ended.bundle_id);
    expect(report.state).toBe('pass');
    expect(report.findings.find(({ id }) => id === 'approvals.obligations')?.detail).toContain('bob broke the glass');
    const events = (await auditEntries(stage(), { subject: opId })).map(({ event }) => event);
    expect(events.filter((event) => event.startsWith('break_glass'))).toEqual([
      ...Array.from({ length: 4 }, () => 'break_glass.refused'),
      'break_glass.used',
      'break_glass.refused',
      'break_glass.reviewed',
    ]);
    await admin.client.call('freezeSet', {
      body: { project: 'shop', environment: 'prod', frozen: false, reason: 'over' },
    });
  });

  it('broken glass never takes the place of the confirmation of what an AI proposed, nor of a plan (DO-10, DO-11)', async () => {
    const { alice, bob, bearer, running } = stage();
    const agent = await bearer({ name: 'helper', kind: 'agent', role: 'actions', owner: 'alice' });
    const planned = await propose(agent.client, writeFiles('prod', { 'ai.txt': 'ai\n' }));
    const request = { opId: planned.op_id, digest: digestOf(planned), reason: 'now' };
    const refused = await breakGlass(running.context, await steppedUp(stage(), bob), request);
    expect(refused).toMatchObject({ ok: false, code: 'E_APPROVAL_REQUIRED' });
    await confirm(alice.client, planned);
    expect(await breakGlass(running.context, await steppedUp(stage(), bob), request)).toMatchObject({ ok: true });
    const ended = await until(alice.client, planned.op_id, 'ended', ({ state }) => state === 'closed');
    await anchored(alice.client, planned.op_id);
    expect((await verified(alice.client, ended.bundle_id)).state).toBe('pass');
  });
});
