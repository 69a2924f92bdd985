import { grantsOf, type Planner, type PlannerAnswer, type PlanPromptRequest } from '@countersign/kernel';
import { accept, type JsonObject, type Outcome, refuse } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import { queryLog } from '../audit/query-log.ts';
import { type Caller, internalCaller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { claim, completePlan } from '../fixture/do-work.ts';
import { fakePlanners, fakeProviders } from '../fixture/fake-models.ts';
import { callerOf, people } from '../fixture/people.ts';
import type { Session } from '../fixture/session.ts';
import { withSession } from '../fixture/with-session.ts';
import { editOperation } from '../operation/edit-operation.ts';
import { proposeOperation } from '../operation/propose-operation.ts';
import { readOperation } from '../operation/read-operation.ts';
import { startRun } from '../run/start-run.ts';
import { planPrompt } from './plan-prompt.ts';

const signal = new AbortController().signal;
const prompt = 'set it to hunter2-hunter2 in dev';

/** A context whose planner answers so, and what it was asked. */
function answering(session: Session, answer: (request: PlanPromptRequest) => PlannerAnswer | Outcome<never>) {
  const asked: PlanPromptRequest[] = [];
  const planner: Planner = {
    async plan(request) {
      asked.push(request);
      const given = answer(request);
      if ('ok' in given) return given;
      return accept({ answer: given, model: 'm1', usage: { tokensIn: 100, tokensOut: 10 }, detail: { note: 'x' } });
    },
  };
  const context: EngineContext = { ...session.context, planners: fakePlanners(planner) };
  return { context, asked };
}

const setOn =
  (tier: 'dev' | 'stage' | 'prod', inputs: JsonObject = { value: 'x' }, action = 'fake.set') =>
  (request: PlanPromptRequest): PlannerAnswer => {
    const target = request.actions.flatMap(({ targets }) => targets).find((each) => each.tier === tier);
    if (target === undefined) throw new Error(`no target in ${tier}`);
    return {
      kind: 'plan',
      intent: 'set',
      confidence: 0.9,
      steps: [{ step: { action, inputs }, target, resolved: [] }],
    };
  };
/** Somebody who may act in one environment only. */
function onlyIn(environment: string): Caller {
  const grants = [{ role: 'actions' as const, project: 'project-1', environment }];
  return internalCaller({ ...people.ada, grants }, 'test-only');
}
const bodies = async (context: EngineContext, event: string) =>
  (await queryLog(context, { order: 'oldest', limit: 500 })).entries.filter((body) => body.event === event);

it('a planner gets only what policy lets the caller propose or read, and where', async () => {
  await withSession(async (session) => {
    const { context, asked } = answering(session, () => ({ kind: 'refuse', code: 'out_of_scope', reason: 'no' }));
    const seen = async (caller: Caller, selector = {}) => {
      await planPrompt(context, caller, { prompt, ...selector }, signal);
      return asked.at(-1)?.actions.map(({ action, targets }) => `${action.name}@${targets.map(({ tier }) => tier)}`);
    };
    expect(await seen(callerOf('ada'))).toEqual([
      'fake.drop@dev,stage,prod',
      'fake.look@dev,stage,prod',
      'fake.set@dev,stage,prod',
    ]);
    expect(await seen(onlyIn('dev'))).toEqual(['fake.drop@dev', 'fake.look@dev', 'fake.set@dev']);
    expect(await seen(callerOf('ada'), { environment: 'stage' })).toEqual([
      'fake.drop@stage',
      'fake.look@stage',
      'fake.set@stage',
    ]);
    const count = asked.length;
    expect(await planPrompt(context, onlyIn('dev'), { prompt, environment: 'prod' }, signal)).toMatchObject({
      ok: false,
      code: 'E_TARGET_UNKNOWN',
    });
    const viewer = internalCaller({ ...people.ada, role: 'viewer', grants: grantsOf('viewer') }, 'v');
    expect(await planPrompt(context, viewer, { prompt }, signal)).toMatchObject({
      ok: true,
      value: { kind: 'refuse', plan: { actions: [], refusal: { code: 'E_AUTH_FORBIDDEN' } } },
    });
    expect(asked, 'nobody was asked').toHaveLength(count);
  });
});

it('answers in the words of the source, with what policy says of each step (IP-1)', async () => {
  await withSession(async (session) => {
    const { context } = answering(session, setOn('stage'));
    const answer = await planPrompt(context, callerOf('ada'), { prompt }, signal);
    expect(answer).toMatchObject({
      ok: true,
      value: {
        kind: 'plan',
        plan: {
          intent: 'set',
          confidence: 0.9,
          actions: [
            {
              provider: 'fake',
              action: 'fake.set',
              params: { value: 'x' },
              client_request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
              target: { tier: 'stage' },
              effect: 'write',
              verdict: { decision: 'needs', obligations: [{ kind: 'confirm' }] },
            },
          ],
        },
        meta: { planner: 'rules', provider: 'rules', model: 'm1', tokens_in: 100, tokens_out: 10, cost: null },
      },
    });
  });
});

describe('steps that the server would not take from the caller', () => {
  it.each<[string, (request: PlanPromptRequest) => PlannerAnswer, string]>([
    ['an action that does not exist', setOn('dev', { value: 'x' }, 'fake.explode'), 'E_AUTH_FORBIDDEN'],
    ['no step at all', () => ({ kind: 'plan', intent: 'x', confidence: 1, steps: [] }), 'E_VALIDATION'],
    ['inputs that do not fit', setOn('dev', { valeu: 'x' }), 'E_VALIDATION'],
  ])('%s are a refusal', async (_what, answer, code) => {
    await withSession(async (session) => {
      const { context } = answering(session, answer);
      expect(await planPrompt(context, callerOf('ada'), { prompt }, signal)).toMatchObject({
        ok: true,
        value: { kind: 'refuse', plan: { actions: [], refusal: { code } } },
      });
    });
  });

  it('a target that the caller may not reach is a refusal, whatever the planner says', async () => {
    await withSession(async (session) => {
      const prod = session.targets.find(({ tier }) => tier === 'prod');
      if (prod === undefined) throw new Error('no prod');
      const step = { step: { action: 'fake.set', inputs: { value: 'x' } }, target: prod, resolved: [] };
      const { context } = answering(session, () => ({ kind: 'plan', intent: 'x', confidence: 1, steps: [step] }));
      expect(await planPrompt(context, onlyIn('dev'), { prompt }, signal)).toMatchObject({
        ok: true,
        value: { kind: 'refuse', plan: { refusal: { code: 'E_AUTH_FORBIDDEN' } } },
      });
    });
  });
});
it('each answer is told in the audit without the sentence, and counted (IP-9)', async () => {
  await withSession(async (session) => {
    const seen: string[] = [];
    session.context.modelMeter.observe({
      recordAiPlanner: (planner, status) => void seen.push(`${planner} ${status}`),
      recordAiTokens: () => undefined,
      recordAiBudgetRefusal: () => undefined,
    });
    const answers: ((request: PlanPromptRequest) => PlannerAnswer | Outcome<never>)[] = [
      setOn('dev'),
      () => ({ kind: 'clarify', intent: 'x', confidence: 0.3, question: 'which?', options: [] }),
      () => ({ kind: 'refuse', code: 'unsafe', reason: 'no' }),
      () => refuse('E_PROVIDER_TIMEOUT', 'late', { next: 'again' }),
    ];
    for (const answer of answers) {
      const { context } = answering(session, answer);
      await planPrompt(context, callerOf('ada'), { prompt }, signal);
    }
    expect(seen).toEqual(['rules planned', 'rules clarified', 'rules refused', 'rules failed']);
    const { entries } = await queryLog(session.context, { order: 'oldest', limit: 100 });
    const told = entries.filter(({ event }) => event.startsWith('planner.'));
    expect(told.map(({ event, outcome }) => `${event} ${outcome}`)).toEqual([
      'planner.planned ok',
      'planner.clarified ok',
      'planner.refused refused',
      'planner.failed failed',
    ]);
    expect(told[0]?.detail).toMatchObject({ actions: [{ action: 'fake.set', target: 'dev-1' }], tokens_in: 100 });
    expect(JSON.stringify(told)).not.toContain('hunter2');
    const prints = new Set(told.map(({ detail }) => detail['prompt']));
    expect([...prints]).toEqual([session.context.vault.fingerprint(prompt)]);
  });
});

it('a plan costs what the configuration says', async () => {
  await withSession(async (session) => {
    const { context } = answering(session, setOn('dev'));
    const [entry] = context.providers.entries();
    if (entry === undefined) throw new Error('no provider');
    const price = { currency: 'EUR', inputPerMillion: 2, outputPerMillion: 30 };
    const providers = { ...fakeProviders(), entries: () => [{ ...entry, price }] };
    expect(await planPrompt({ ...context, providers }, callerOf('ada'), { prompt }, signal)).toMatchObject({
      ok: true,
      value: { meta: { cost: { amount: 0.0005, currency: 'EUR' } } },
    });
  });
});

describe('what a model wrote', () => {
  const plannedBy = (planner: 'rules' | 'model') => ({
    plan_id: '019ab000-0000-7000-8000-0000000000ff',
    planner,
    provider: 'local',
    model: 'm1',
  });
  async function proposed(session: Session, by: ReturnType<typeof plannedBy> | null): Promise<string> {
    const outcome = await proposeOperation(session.context, callerOf('ada'), {
      selector: { target: 'dev-1' },
      steps: [{ action: 'fake.set', inputs: { value: 'x' } }],
      start: 'when_allowed',
      note: '',
      plannedBy: by,
      origin: 'api',
      rollbackOf: null,
      idempotency: null,
    });
    if (!outcome.ok) throw new Error(outcome.message);
    const job = await claim(session, 'plan');
    if (job === null) throw new Error('no plan job');
    await completePlan(session, job, 'ok');
    return outcome.value;
  }
  const view = async (session: Session, opId: string) => {
    const seen = await readOperation(session.context, callerOf('ada'), opId);
    if (!seen.ok) throw new Error(seen.message);
    return seen.value;
  };

  it('waits in dev too for a person who confirms the plan; what rules planned or a person wrote does not', async () => {
    await withSession(async (session) => {
      const byModel = await view(session, await proposed(session, plannedBy('model')));
      expect(byModel).toMatchObject({
        requester: { name: 'ada', ai: true },
        planned_by: plannedBy('model'),
        verdict: { decision: 'needs', obligations: [{ kind: 'confirm' }] },
        run: null,
      });
      const request = { opId: byModel.op_id, digest: undefined, requestId: undefined, busy: 'queue' } as const;
      expect(await startRun(session.context, callerOf('ada'), request)).toMatchObject({
        ok: false,
        code: 'E_APPROVAL_REQUIRED',
      });
      expect((await session.rows(byModel.op_id)).run).toBeNull();
      const [told] = await bodies(session.context, 'operation.proposed');
      expect(told?.detail['planned_by']).toEqual(plannedBy('model'));
      // Leaving the field out is a person's own proposal, and no more than that.
      const own = await view(session, await proposed(session, null));
      const byRules = await view(session, await proposed(session, plannedBy('rules')));
      for (const each of [own, byRules])
        expect(each).toMatchObject({ requester: { ai: false }, verdict: { decision: 'allow' } });
      // Where it is from is in no digest.
      expect(byModel.plan?.digest).toBe(own.plan?.digest);
    });
  });

  it("stays a model's when a person edits it", async () => {
    await withSession(async (session) => {
      const opId = await proposed(session, plannedBy('model'));
      const steps = [{ action: 'fake.set', inputs: { value: 'y' } }];
      expect(await editOperation(session.context, callerOf('ada'), opId, { steps, revision: undefined })).toMatchObject(
        { ok: true },
      );
      expect(await view(session, opId)).toMatchObject({ requester: { ai: true }, planned_by: plannedBy('model') });
    });
  });
});
