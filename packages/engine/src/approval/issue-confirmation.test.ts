import { expect, it } from 'vitest';
import { callerOf } from '../fixture/people.ts';
import { planned, withSession } from '../fixture/with-session.ts';
import { confirmationMs, issueConfirmation } from './issue-confirmation.ts';

it('no more than twenty tokens stand at once, and those that have expired do not count', async () => {
  await withSession(async (session) => {
    const opId = await planned(session, 'adasBot', 'dev');
    const issue = () => issueConfirmation(session.context, callerOf('ada'), opId);
    for (let count = 0; count < 20; count += 1) expect(await issue()).toMatchObject({ ok: true });
    expect(await issue()).toMatchObject({ code: 'E_RATE_LIMITED' });
    session.bench.clock.advance(confirmationMs - 1);
    expect(await issue()).toMatchObject({ code: 'E_RATE_LIMITED' });
    session.bench.clock.advance(1);
    expect(await issue()).toMatchObject({ ok: true });
  });
});
