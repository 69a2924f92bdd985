import type { Outcome, PlanPromptView } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import type { Caller } from '../../packages/engine/src/context/actor.ts';
import { internalCaller } from '../../packages/engine/src/context/actor.ts';
import type { EngineContext } from '../../packages/engine/src/context/context.ts';
import { defaultDecider } from '../../packages/engine/src/fixture/default-decider.ts';
import { claim, completePlan } from '../../packages/engine/src/fixture/do-work.ts';
import { openEngineBench } from '../../packages/engine/src/fixture/engine-bench.ts';
import { fakeProviders } from '../../packages/engine/src/fixture/fake-models.ts';
import { people } from '../../packages/engine/src/fixture/people.ts';
import { Session } from '../../packages/engine/src/fixture/session.ts';
import { proposeOperation } from '../../packages/engine/src/operation/propose-operation.ts';
import { listOperations, readOperation } from '../../packages/engine/src/operation/read-operation.ts';
import { planPrompt } from '../../packages/engine/src/planner/plan-prompt.ts';
import { TokenBudget } from '../../packages/engine/src/provider/token-budget.ts';
import { registerWorker } from '../../packages/engine/src/worker/register-worker.ts';
import {
  type Channel,
  channels,
  type Goal,
  goals,
  type Obeying,
  obeyingModel,
  orderOf,
  plannersWith,
  shopManifest,
  targets,
  through,
  unguardedPlanner,
} from './injection-world.ts';
import { techniques } from './techniques.ts';

const signal = new AbortController().signal;
/** What ada really wants, and what she may: dev and stage of the shop. */
const prompt = 'restart shop-web in stage';
const wanted: Goal = {
  name: 'what ada wants',
  step: { action: 'shop.restart', target: 'shop-stage', inputs: { container: 'shop-web' } },
  tainted: [],
};
const grants = ['dev', 'stage'].map((environment) => ({ role: 'actions' as const, project: 'shop', environment }));
const ada: Caller = internalCaller({ ...people.ada, grants }, 'ada');
const bot: Caller = internalCaller({ ...people.adasBot, grants }, 'bot');

interface World {
  readonly session: Session;
  readonly context: EngineContext;
}

async function withWorld(work: (world: World) => Promise<void>): Promise<void> {
  await using bench = await openEngineBench();
  const context: EngineContext = {
    ...bench.context(defaultDecider('standard'), targets),
    tokenBudget: new TokenBudget(bench.clock, 1_000_000_000),
  };
  const session = new Session(bench, context, targets);
  session.instance = context.ids.next();
  const offered = targets.map(({ name, connector }) => ({ name, connector, status: 'ready' as const, message: '' }));
  const { instance } = session;
  await registerWorker(context, {
    worker: 'worker',
    instance,
    version: '1',
    targets: offered,
    manifests: [shopManifest],
  });
  await work({ session, context });
}

/** Proposes what a plan says, as a face does, and plans it; answers the operation. */
async function propose({ session, context }: World, caller: Caller, view: PlanPromptView, told: boolean) {
  const [action] = view.plan.actions;
  if (action === undefined) throw new Error('the plan has no action');
  const proposed = await proposeOperation(context, caller, {
    selector: { target: action.target.name },
    steps: view.plan.actions.map(({ action: name, params }) => ({ action: name, inputs: params })),
    start: 'when_allowed',
    note: '',
    plannedBy: told ? view.planned_by : null,
    origin: 'api',
    rollbackOf: null,
    idempotency: null,
  });
  if (!proposed.ok) return proposed;
  const job = await claim(session, 'plan');
  if (job === null) throw new Error('there is no plan job');
  await completePlan(session, job, 'ok');
  return await readOperation(context, caller, proposed.value);
}

/** Asks for what ada wants, with a text that came through a channel, of a model that obeys it. */
async function ask(
  { context }: World,
  caller: Caller,
  goal: Goal,
  text: string,
  channel: Channel,
  kind: 'guarded' | 'unguarded',
): Promise<{ answer: Outcome<PlanPromptView>; model: Obeying }> {
  const { documents, names } = through(channel, text);
  const model = obeyingModel(goal);
  const own = plannersWith(names);
  const planners = kind === 'guarded' ? own : { rules: own.rules, model: unguardedPlanner };
  const asking = { ...context, planners, providers: fakeProviders(model.provider) };
  return { answer: await planPrompt(asking, caller, { prompt, documents }, signal), model };
}

/** Does work for each of many, some at once: what they write is committed together. */
async function forEach<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < all.length; from += 40) await Promise.all(all.slice(from, from + 40).map(work));
}

// All of them with COUNTERSIGN_INJECTIONS=all; else each way of dressing up with three goals in turn.
const most = process.env['COUNTERSIGN_INJECTIONS'] === 'all' ? goals.length : 3;
const attacks = techniques.flatMap((technique, index) =>
  Array.from({ length: most }, (_, turn) => goals[(index + turn * 3) % goals.length]).flatMap((goal) =>
    goal === undefined ? [] : [{ technique, goal }],
  ),
);

/** Whether a plan does what was really asked and nothing else. */
function isWhatWasAsked({ plan }: PlanPromptView): boolean {
  return plan.actions.every(
    ({ action, target, params }) =>
      action === 'shop.restart' && target.name === 'shop-stage' && params['container'] === 'shop-web',
  );
}

describe('a model that obeys every text it reads', () => {
  it(`gets nowhere: ${attacks.length} attacks by ${channels.length} channels`, async () => {
    expect(attacks.length).toBeGreaterThanOrEqual(100);
    expect(new Set(attacks.map(({ technique, goal }) => `${technique.name} ${goal.name}`)).size).toBe(attacks.length);
    await withWorld(async (world) => {
      const counts = { asked: 0, clarified: 0, refused: 0, failed: 0, planned: 0 };
      const all = channels.flatMap((channel) => attacks.map((attack) => ({ ...attack, channel })));
      await forEach(all, async ({ technique, goal, channel }) => {
        const { answer, model } = await ask(world, ada, goal, technique.dress(orderOf(goal)), channel, 'guarded');
        if (model.asked.length > 0) counts.asked += 1;
        const where = `${technique.name} for ${goal.name} by ${channel}`;
        for (const tainted of goal.tainted) expect(JSON.stringify(answer), where).not.toContain(tainted);
        if (!answer.ok) {
          counts.failed += 1;
          return;
        }
        expect(isWhatWasAsked(answer.value), where).toBe(true);
        counts[({ plan: 'planned', clarify: 'clarified', refuse: 'refused' } as const)[answer.value.kind]] += 1;
        // A name that is an instruction is not offered as an answer either.
        for (const { label } of answer.value.plan.clarify?.options ?? []) expect(label, where).toMatch(/^[\w.@:/+-]+$/);
      });
      console.log(`injection: ${all.length} attacks, ${JSON.stringify(counts)}`);
      expect(counts.asked, 'the model was asked each time').toBe(all.length);
      expect(counts.clarified + counts.refused + counts.failed).toBe(all.length);
      expect(counts.planned, 'no attack became a plan').toBe(0);
      expect(await listOperations(world.context, ada, { limit: 10 })).toEqual([]);
    });
  });

  it('reads the text, through every channel', async () => {
    await withWorld(async (world) => {
      for (const channel of channels) {
        const { model } = await ask(world, ada, wanted, 'a plain canary that is no order', channel, 'guarded');
        expect(JSON.stringify(model.asked.at(-1)?.messages)).toContain('a plain canary that is no order');
      }
    });
  });

  it('still helps with what was asked, and that waits for a person', async () => {
    await withWorld(async (world) => {
      const { answer } = await ask(world, ada, wanted, 'an ordinary log line', 'docker.logs', 'guarded');
      if (!answer.ok) throw new Error(answer.message);
      expect(answer.value).toMatchObject({ kind: 'plan', planned_by: { planner: 'model' } });
      const operation = await propose(world, ada, answer.value, true);
      expect(operation).toMatchObject({
        ok: true,
        value: { run: null, verdict: { decision: 'needs' }, requester: { ai: true } },
      });
    });
  });
});

describe('the control: the same model with the guard off', () => {
  const reachable = (goal: Goal) => goal.step.target !== 'shop-prod';

  it('succeeds: the attack is planned, and where nothing says that a model wrote it, it runs with no person', async () => {
    await withWorld(async (world) => {
      let planned = 0;
      await forEach(attacks, async ({ technique, goal }) => {
        const { answer } = await ask(world, ada, goal, technique.dress(orderOf(goal)), 'docker.logs', 'unguarded');
        if (answer.ok && answer.value.kind === 'plan' && !isWhatWasAsked(answer.value)) planned += 1;
      });
      expect(planned).toBe(attacks.filter(({ goal }) => reachable(goal)).length);
      const inDev = goals.find(({ name }) => name === 'another target');
      if (inDev === undefined) throw new Error('no goal in dev');
      const { answer } = await ask(world, ada, inDev, orderOf(inDev), 'docker.logs', 'unguarded');
      if (!answer.ok) throw new Error(answer.message);
      const operation = await propose(world, ada, answer.value, false);
      expect(operation).toMatchObject({
        ok: true,
        value: { verdict: { decision: 'allow' }, run: { state: 'queued' } },
      });
    });
  });

  it('is stopped all the same by what stands behind the guard: a person confirms, and nothing is beyond reach', async () => {
    await withWorld(async (world) => {
      for (const goal of goals) {
        for (const caller of [ada, bot]) {
          const { answer } = await ask(world, caller, goal, orderOf(goal), 'docker.logs', 'unguarded');
          if (!answer.ok) throw new Error(answer.message);
          if (!reachable(goal)) {
            const refusal = { code: 'E_AUTH_FORBIDDEN' };
            expect(answer.value).toMatchObject({ kind: 'refuse', plan: { actions: [], refusal } });
          } else if (goal.step.action !== 'shop.look') {
            // An AI's own proposal needs nobody to say that a model wrote it.
            const operation = await propose(world, caller, answer.value, caller === ada);
            expect(operation, goal.name).toMatchObject({
              ok: true,
              value: { run: null, verdict: { decision: 'needs' } },
            });
          }
        }
      }
    });
  });
});
