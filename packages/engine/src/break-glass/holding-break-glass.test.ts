import { DatabaseSync } from 'node:sqlite';
import { canonicalJson, signBreakGlass } from '@countersign/evidence';
import { createSigner, generateSigningKey } from '@countersign/evidence/node';
import { type BreakGlassStatement, breakGlassMs } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { claim } from '../fixture/do-work.ts';
import { callerOf, steppedUp } from '../fixture/people.ts';
import type { Session } from '../fixture/session.ts';
import { planned, withSession } from '../fixture/with-session.ts';
import { freezeEnvironment } from '../freeze/freeze-environment.ts';
import { startRun } from '../run/start-run.ts';
import { breakGlass, listBreakGlass } from './break-glass.ts';
import { holdingBreakGlass } from './holding-break-glass.ts';

async function digestOf(session: Session, opId: string): Promise<string> {
  return (await session.rows(opId)).plan?.digest ?? '';
}
async function wordFor(session: Session, opId: string, change: Partial<BreakGlassStatement> = {}) {
  const { operation, plan } = await session.rows(opId);
  const now = session.context.clock.now();
  const statement: BreakGlassStatement = {
    schema: 'countersign.break-glass.v1',
    op_id: opId,
    bundle_id: operation.bundleId,
    plan_digest: plan?.digest ?? '',
    principal: 'x',
    root: 'x',
    reason: 'x',
    issued_at: now,
    stepped_up_at: now,
    expires_at: now + breakGlassMs,
    ...change,
  };
  return { statement, envelope: signBreakGlass(statement, session.context.keys.signer) };
}
async function write(session: Session, opId: string, signed: Awaited<ReturnType<typeof wordFor>> | null) {
  const at = session.context.clock.now();
  const told = { operationId: opId, by: 'x', root: 'x', reason: 'x', digest: await digestOf(session, opId), at };
  const row = { ...told, steppedUpAt: at, signed, review: null };
  await session.context.store.write((unit) => unit.breakGlass.insert(row));
}
const start = async (session: Session, opId: string) =>
  await startRun(session.context, callerOf('ada'), {
    opId,
    digest: await digestOf(session, opId),
    requestId: undefined,
    busy: 'queue',
  });

it('a row in the database alone breaks no glass, whatever it says', async () => {
  await withSession(async (session) => {
    const foreign = createSigner(generateSigningKey(), 'countersign/test');
    const other = '019ab000-0000-7000-8000-00000000ffff';
    const forged: ((opId: string) => Promise<Awaited<ReturnType<typeof wordFor>> | null>)[] = [
      async () => null,
      async (opId) => {
        const { statement } = await wordFor(session, opId);
        return { statement, envelope: signBreakGlass(statement, foreign) };
      },
      async (opId) => ({
        ...(await wordFor(session, opId)),
        statement: (await wordFor(session, opId, { root: 'y' })).statement,
      }),
      (opId) => wordFor(session, opId, { op_id: other }),
      (opId) => wordFor(session, opId, { bundle_id: other }),
      (opId) => wordFor(session, opId, { plan_digest: `sha256:${'0'.repeat(64)}` }),
      (opId) => wordFor(session, opId, { stepped_up_at: 0 }),
      (opId) => wordFor(session, opId, { expires_at: session.context.clock.now() + breakGlassMs + 1 }),
    ];
    for (const forge of forged) {
      const opId = await planned(session, 'ada', 'prod');
      await write(session, opId, await forge(opId));
      expect(await start(session, opId)).toMatchObject({ ok: false, code: 'E_APPROVAL_REQUIRED' });
      const { operation } = await session.rows(opId);
      const holding = await session.context.store.read(async (reads) =>
        holdingBreakGlass(session.context, reads, operation, await digestOf(session, opId)),
      );
      expect(holding).toBeNull();
    }
    const opId = await planned(session, 'ada', 'prod');
    await write(session, opId, await wordFor(session, opId));
    expect(await start(session, opId), 'what the server signed counts').toMatchObject({ ok: true });
  });
});

async function broken(session: Session): Promise<string> {
  const opId = await planned(session, 'ada', 'prod');
  const request = { opId, digest: await digestOf(session, opId), reason: 'fire' };
  expect(await breakGlass(session.context, steppedUp(session.context, 'bob'), request)).toMatchObject({ ok: true });
  return opId;
}

it('the word is good for a quarter of an hour: a run that begins by then goes on, a later one ends', async () => {
  await withSession(async (session) => {
    const opId = await broken(session);
    session.bench.clock.advance(breakGlassMs - 1);
    expect((await claim(session, 'run'))?.op_id).toBe(opId);
  });
  await withSession(async (session) => {
    const opId = await broken(session);
    session.bench.clock.advance(breakGlassMs);
    expect(await claim(session, 'run')).toBeNull();
    expect((await session.rows(opId)).run).toMatchObject({ state: 'failed', failure: { code: 'E_APPROVAL_REQUIRED' } });
  });
});

it('a word that was changed in the database after the run was created stops the run', async () => {
  await withSession(async (session) => {
    const opId = await broken(session);
    const forged = await wordFor(session, opId, { reason: 'another' });
    using database = new DatabaseSync(session.bench.path, { timeout: 5000 });
    database.prepare('update break_glass set statement = ?').run(canonicalJson(forged.statement));
    expect(await claim(session, 'run')).toBeNull();
    expect((await session.rows(opId)).run).toMatchObject({ state: 'failed' });
  });
});

it('the run keeps what was demanded before any decision was counted', async () => {
  await withSession(async (session) => {
    const opId = await broken(session);
    expect((await session.rows(opId)).run?.demanded).toEqual([]);
  });
});

it('is listed for those who see the place, and freezes do not hold it', async () => {
  await withSession(async (session) => {
    const freeze = { project: 'project-1', environment: 'prod', reason: 'sale', until: null };
    expect(await freezeEnvironment(session.context, callerOf('carol'), freeze)).toMatchObject({ ok: true });
    const opId = await broken(session);
    const list = (project: string) => {
      const ada = callerOf('ada');
      const grants = [{ role: 'viewer' as const, project, environment: '*' as const }];
      const caller = { ...ada, principal: { ...ada.principal, grants } };
      return listBreakGlass(session.context, caller, { open: true, limit: 1 });
    };
    expect((await list('project-1')).map(({ op_id }) => op_id)).toEqual([opId]);
    expect(await list('project-2')).toEqual([]);
  });
});

it('a run whose broken glass expired before a worker began it says so, and what to do', async () => {
  await withSession(async (session) => {
    const { context } = session;
    const opId = await planned(session, 'ada', 'prod');
    const request = { opId, digest: await digestOf(session, opId), reason: 'fire' };
    expect(await breakGlass(context, steppedUp(context, 'carol'), request)).toMatchObject({ ok: true });
    session.bench.clock.advance(breakGlassMs);
    expect(await claim(session, 'run')).toBeNull();
    const { run } = await session.rows(opId);
    expect(run).toMatchObject({ state: 'failed', failure: { code: 'E_APPROVAL_REQUIRED' } });
    expect(run?.failure?.message).toMatch(
      /the glass that carol broke .* held until \d{4}-.*Z, .* propose it again and break the glass/,
    );
    expect(run?.failure?.message).not.toContain('policy changed');
  });
});
