import type { Planned, PlannerAction, PlannerAnswer, ProviderEntry, TokenUsage } from '@countersign/kernel';
import {
  accept,
  type JsonObject,
  type Outcome,
  type PlannedActionView,
  type PlanPromptRequest,
  type PlanPromptView,
  refuse,
} from '@countersign/protocol';
import { recordAlone } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { activeProvider } from '../provider/active-provider.ts';
import { budgetedProvider } from '../provider/budgeted-provider.ts';
import type { PlannerStatus } from '../provider/model-meter.ts';
import { checkSteps } from './check-steps.ts';
import { readInventory } from './inventory.ts';
import { permittedActions } from './permitted-actions.ts';

const statuses = { plan: 'planned', clarify: 'clarified', refuse: 'refused' } as const;
const events = {
  planned: 'planner.planned',
  clarified: 'planner.clarified',
  refused: 'planner.refused',
  failed: 'planner.failed',
} as const;

/** One sentence on its way through a planner. */
interface Asked {
  readonly planId: string;
  readonly caller: Caller;
  readonly prompt: string;
  readonly planner: 'rules' | 'model';
  readonly provider: string;
  readonly model: string;
  readonly startedAt: number;
}

/** An answer whose steps the server would take from this caller, or the refusal that stands in their place. */
interface Checked {
  readonly answer: PlannerAnswer;
  readonly actions: readonly PlannedActionView[];
}

async function tell(context: EngineContext, asked: Asked, status: PlannerStatus, detail: JsonObject): Promise<number> {
  const durationMs = Math.max(0, context.clock.now() - asked.startedAt);
  context.modelMeter.recordAiPlanner(asked.planner, status, durationMs / 1000);
  const { caller, planner, provider, model } = asked;
  await recordAlone(context, {
    event: events[status],
    actor: actorOf(caller.principal),
    subject: { kind: 'plan', id: asked.planId },
    outcome: status === 'failed' ? 'failed' : status === 'refused' ? 'refused' : 'ok',
    correlationId: caller.correlationId,
    // The sentence itself may hold anything, so the log has its keyed fingerprint only: whoever has the sentence can match it.
    detail: {
      planner,
      provider,
      model,
      prompt: context.vault.fingerprint(asked.prompt),
      duration_ms: durationMs,
      ...detail,
    },
  });
  return durationMs;
}

async function check(
  context: EngineContext,
  asked: Asked,
  permitted: readonly PlannerAction[],
  answer: PlannerAnswer,
): Promise<Checked> {
  if (answer.kind !== 'plan') return { answer, actions: [] };
  const checked = await checkSteps(context, asked.caller, permitted, answer.steps, asked.planner === 'model');
  if (checked.ok) return { answer, actions: checked.value };
  return { answer: { kind: 'refuse', code: checked.code, reason: checked.message }, actions: [] };
}

function costOf(entry: ProviderEntry | undefined, { tokensIn, tokensOut }: TokenUsage): PlanPromptView['meta']['cost'] {
  if (entry === undefined || entry.price === null) return null;
  const { currency, inputPerMillion, outputPerMillion } = entry.price;
  const amount = (tokensIn * inputPerMillion + tokensOut * outputPerMillion) / 1_000_000;
  return { amount: Math.round(amount * 1e8) / 1e8, currency };
}

function planOf({ answer, actions }: Checked): PlanPromptView['plan'] {
  switch (answer.kind) {
    case 'plan':
      return { intent: answer.intent, confidence: answer.confidence, actions: [...actions] };
    case 'clarify': {
      const { intent, confidence, question, options } = answer;
      const choices = options.map(({ label, prompt }) => ({ label, prompt }));
      return { intent, confidence, actions: [], clarify: { question, options: choices } };
    }
    case 'refuse':
      return {
        intent: 'refuse',
        confidence: 0,
        actions: [],
        refusal: { code: answer.code, reason: answer.reason },
      };
  }
}

function factsOf({ answer, actions }: Checked, { usage }: Planned): JsonObject {
  const tokens = { tokens_in: usage.tokensIn, tokens_out: usage.tokensOut };
  if (answer.kind === 'refuse') return { ...tokens, code: answer.code };
  if (answer.kind === 'clarify') return { ...tokens, choices: answer.options.length };
  return {
    ...tokens,
    confidence: answer.confidence,
    actions: actions.map(({ action, target }) => ({ action, target: target.name })),
  };
}

/**
 * Turns a sentence into typed steps, a question or a refusal, by the active provider's planner. The planner gets only what
 * policy lets this caller propose or read, and its steps are checked as a proposal of the caller's would be; nothing is
 * proposed by this. What a model does draws on the budgets of every project that it is told of. E_TARGET_UNKNOWN, E_PROVIDER_*.
 */
export async function planPrompt(
  context: EngineContext,
  caller: Caller,
  { prompt, documents, ...selector }: PlanPromptRequest,
  signal: AbortSignal,
): Promise<Outcome<PlanPromptView>> {
  const startedAt = context.clock.now();
  const permitted = await permittedActions(context, caller, selector);
  if (!permitted.ok) return permitted;
  const provider = await context.store.read((reads) => activeProvider(context, reads));
  const planner = provider.type === 'rules' ? 'rules' : 'model';
  const { name, model } = provider;
  const asked: Asked = { planId: context.ids.next(), caller, prompt, planner, provider: name, model, startedAt };
  let unread: readonly JsonObject[] = [];
  const planned = await ask();
  if (!planned.ok) {
    await tell(context, asked, 'failed', { code: planned.code });
    return planned;
  }
  const checked = await check(context, asked, permitted.value, planned.value.answer);
  const { usage } = planned.value;
  const durationMs = await tell(context, asked, statuses[checked.answer.kind], factsOf(checked, planned.value));
  const entry = context.providers.entries().find((known) => known.name === name);
  return accept({
    plan_id: asked.planId,
    kind: checked.answer.kind,
    plan: planOf(checked),
    planned_by: { plan_id: asked.planId, planner, provider: name, model: planned.value.model },
    meta: {
      planner,
      provider: name,
      model: planned.value.model,
      duration: durationMs / 1000,
      tokens_in: usage.tokensIn,
      tokens_out: usage.tokensOut,
      cost: costOf(entry, usage),
      // What could not be looked at is told beside every answer: silence would look like "there is nothing".
      detail: { ...planned.value.detail, ...(unread.length === 0 ? {} : { unread: [...unread] }) },
    },
  });

  async function ask(): Promise<Outcome<Planned>> {
    const actions = permitted.ok ? permitted.value : [];
    if (actions.length === 0) {
      const reason = 'there is nothing here that you may propose or read';
      const answer = { kind: 'refuse', code: 'E_AUTH_FORBIDDEN', reason } as const;
      return accept({ answer, model, usage: { tokensIn: 0, tokensOut: 0 }, detail: {} });
    }
    const projects = [...new Set(actions.flatMap(({ targets }) => targets.map(({ project }) => project)))];
    const chosen =
      planner === 'rules'
        ? context.planners.rules
        : context.planners.model(budgetedProvider(context, provider, projects), (chat) =>
            context.tokenBudget.fits(provider.name, chat),
          );
    const inventory = await readInventory(context, caller, actions, signal);
    unread = inventory.unread.map(({ target, reason }) => ({ target, reason }));
    if (signal.aborted) {
      return refuse('E_PROVIDER_CANCELLED', 'nobody waits for this plan any more', { next: 'ask again' });
    }
    const { correlationId } = caller;
    return await chosen.plan({
      prompt,
      documents: documents ?? [],
      actions,
      inventory: inventory.items,
      unread: inventory.unread,
      correlationId,
      signal,
    });
  }
}
