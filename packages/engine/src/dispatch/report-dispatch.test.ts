import type { DispatchView, StreamEvent, TargetRef } from '@countersign/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { EngineContext } from '../context/context.ts';
import { startApproved } from '../draft/start-approved.ts';
import { createDraft } from '../draft/write-draft.ts';
import { callerOf } from '../fixture/people.ts';
import type { Session } from '../fixture/session.ts';
import { withSession } from '../fixture/with-session.ts';
import { claimDispatch } from './claim-dispatch.ts';
import { DispatchLogs } from './dispatch-log.ts';
import { reportDispatch } from './report-dispatch.ts';

const target: TargetRef = { name: 'agent', project: 'project-1', environment: 'dev', tier: 'dev', connector: 'agent' };
const bot = callerOf('adasBot');
const secret = `ghp_${'Zq9'.repeat(12)}`;

/** An instruction with a secret, in an agent's hands. */
async function handedOver(session: Session): Promise<{ context: EngineContext; dispatch: DispatchView }> {
  const context = { ...session.context, targets: [...session.targets, target] };
  const drafted = await createDraft(context, callerOf('ada'), { prompt: `push with ${secret}` });
  if (!drafted.ok) throw new Error(drafted.message);
  const run = await startApproved(context, callerOf('ada'), drafted.value, undefined);
  if (!run.ok) throw new Error(run.message);
  const asked = { waitMs: 0, requestId: undefined };
  const claimed = await claimDispatch(context, bot, asked, new AbortController().signal);
  if (!claimed.ok || claimed.value === null) throw new Error('nothing was handed over');
  return { context, dispatch: claimed.value };
}

async function saidOf({ store }: EngineContext, opId: string): Promise<StreamEvent[]> {
  const chunks = await store.read((reads) => reads.streams.after(opId, 0, 10_000));
  return chunks.map(({ event }) => event).filter(({ type }) => ['output', 'progress', 'truncated'].includes(type));
}
const textOf = (event: StreamEvent): string =>
  event.type === 'output' ? event.text : event.type === 'progress' ? event.message : '';

it('an agent may say 16 MiB of one run; what is beyond is not kept, and says so once, also after a restart (DO-8)', async () => {
  await withSession(async (session) => {
    const { context, dispatch } = await handedOver(session);
    const cap = 16 * 1_048_576;
    const report = (number: number, text: string, at = context) =>
      reportDispatch(at, bot, dispatch.run_id, { lease: dispatch.lease, number, text });
    const long = '€'.repeat(16_000);
    const each = Buffer.byteLength(`${long}\n`);
    const fit = Math.floor(cap / each);
    for (let number = 1; number <= fit; number += 1) await report(number, long);
    const whole = await saidOf(context, dispatch.op_id);
    expect(whole.map(({ type }) => type)).toEqual(Array.from({ length: fit }, () => 'output'));
    const { dispatchLogs: _former, ...rest } = context;
    const restarted = { ...rest, dispatchLogs: new DispatchLogs() };
    const answer = await report(fit + 1, long, restarted);
    expect(answer).toMatchObject({ ok: true, value: { cancel: false } });
    await report(fit + 1, long, restarted);
    await report(fit + 2, 'a short word', restarted);
    const events = (await saidOf(context, dispatch.op_id)).slice(fit);
    expect(events).toEqual([
      { type: 'truncated', step: 0, cap_bytes: cap, dropped_bytes: each },
      expect.objectContaining({ type: 'output', text: 'a short word\n', first_line: fit }),
    ]);
    const bytes = [...whole, ...events].reduce((sum, event) => sum + Buffer.byteLength(textOf(event)), 0);
    expect(bytes).toBeLessThanOrEqual(cap);
  });
});

it('a secret that is cut across reports is not put together from them, however it is cut', async () => {
  await withSession(async (session) => {
    const { context, dispatch } = await handedOver(session);
    let number = 0;
    const said = async (text: string, fraction?: number): Promise<void> => {
      number += 1;
      const told = { lease: dispatch.lease, number, text, ...(fraction === undefined ? {} : { fraction }) };
      expect(await reportDispatch(context, bot, dispatch.run_id, told)).toMatchObject({ ok: true });
    };
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: secret.length - 1 }), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(cuts, fc.boolean(), fc.constantFrom('', ' and more'), async (places, asProgress, after) => {
        const ends = [0, ...places.sort((a, b) => a - b), secret.length];
        const parts = ends.slice(1).map((end, index) => secret.slice(ends[index], end));
        for (const [index, part] of parts.entries()) {
          const last = index === parts.length - 1;
          await said(last ? `${part}${after}` : part, asProgress && index % 2 === 1 ? 0.5 : undefined);
        }
        await said('between');
      }),
      { numRuns: 60, seed: 20260728 },
    );
    const events = await saidOf(context, dispatch.op_id);
    const joined = events.map((event) => textOf(event).replace(/\n$/, '')).join('');
    expect(joined).not.toContain(secret);
    expect(events.map(textOf).join('')).not.toContain(secret);
    // What is no part of it stays.
    expect(joined.split('between').length - 1).toBe(60);
    expect(joined).toContain('[secret] and more');
    expect(number).toBeGreaterThan(120);
  });
});

it('what stands beside the border of two reports is left as it was said', async () => {
  await withSession(async (session) => {
    const { context, dispatch } = await handedOver(session);
    const texts = ['checking the token:', 'done', '[secret', 'push with', 'nothing\n', '\n', 'end'];
    for (const [index, text] of texts.entries()) {
      await reportDispatch(context, bot, dispatch.run_id, { lease: dispatch.lease, number: index + 1, text });
    }
    const events = await saidOf(context, dispatch.op_id);
    expect(events.map(textOf)).toEqual(texts.map((text) => (text.endsWith('\n') ? text : `${text}\n`)));
    const lines = events.flatMap((event) => (event.type === 'output' ? [event.first_line] : []));
    expect(lines).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });
});
