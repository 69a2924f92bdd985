import { type Actor, type EngineContext, recordAlone } from '@countersign/engine';
import type { RateAnswer } from '@countersign/kernel';
import { CodedError, type RouteDefinition } from '@countersign/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Budgets, budgetsOf, type LimitSettings } from './limit-settings.ts';

/** Who a budget belongs to, and how the audit calls them. */
export interface Asking {
  readonly key: string;
  readonly actor: Actor;
}

/** One entry of the audit for each budget that somebody spends, not one for each request after it. */
const told: { readonly name: string; readonly quota: number; readonly windowMs: number } = {
  name: 'told',
  quota: 1,
  windowMs: 60_000,
};

function nobodyAt(address: string): Actor {
  return { principal: `address:${address}`, root: 'unknown', ai: false };
}

async function refuse(
  context: EngineContext,
  request: FastifyRequest,
  { key, actor }: Asking,
  { budget, retryAfterMs }: RateAnswer,
): Promise<never> {
  if ((await context.limiter.take(key, [told])).allowed) {
    await recordAlone(context, {
      event: 'limit.reached',
      actor,
      subject: { kind: 'route', id: `${request.method} ${request.routeOptions.url ?? ''}` },
      outcome: 'refused',
      correlationId: request.id,
      detail: { budget: budget.name, quota: budget.quota },
    });
  }
  throw new CodedError('E_RATE_LIMITED', `you may ask ${budget.quota} times per ${budget.name} here`, {
    limit: budget.quota,
    budget: budget.name,
    retry_after_ms: retryAfterMs,
    next: 'wait as long as Retry-After says, or have the limit raised: limits in countersign.yaml',
  });
}

/** The budget that requests of one route draw on, by whoever makes them. */
export class RouteLimit {
  readonly #context: EngineContext;
  readonly #place: string;
  readonly #known: Budgets | null;
  readonly #anonymous: Budgets;
  readonly #refused: Budgets;

  constructor(context: EngineContext, { lane, limit }: RouteDefinition, settings: LimitSettings) {
    this.#context = context;
    this.#place = `${lane} ${limit}`;
    const own = lane === 'public' && (limit === 'read' || limit === 'write' || limit === 'stream');
    this.#known = limit === 'probe' ? null : budgetsOf(own ? settings.public[limit] : settings.classes[limit]);
    this.#anonymous = limit === 'auth' ? budgetsOf(settings.classes.auth) : budgetsOf(settings.anonymous);
    this.#refused = budgetsOf(settings.refused);
  }

  /** Takes one from the principal's budget and says in the headers what is left. Throws E_RATE_LIMITED. */
  async ofPrincipal(request: FastifyRequest, reply: FastifyReply, id: string, actor: Actor): Promise<void> {
    if (this.#known !== null) await this.#take(request, reply, { key: `${id} ${this.#place}`, actor }, this.#known);
  }

  /** The same for whoever asks without a credential, by address. */
  async ofAddress(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (this.#known === null) return;
    const asking = { key: `address:${request.ip} ${this.#place}`, actor: nobodyAt(request.ip) };
    await this.#take(request, reply, asking, this.#anonymous);
  }

  /**
   * Counts a credential that was none. Throws E_RATE_LIMITED where an address shows too many: what follows is refused without
   * an entry each, so that a flood does not fill the log. Whoever shares the address and has a valid one is not held up.
   */
  async afterRefusal(request: FastifyRequest): Promise<void> {
    const asking = { key: `address:${request.ip} refused`, actor: nobodyAt(request.ip) };
    const answer = await this.#context.limiter.take(asking.key, this.#refused.all);
    if (!answer.allowed) await refuse(this.#context, request, asking, answer);
  }

  async #take(request: FastifyRequest, reply: FastifyReply, asking: Asking, budgets: Budgets): Promise<void> {
    const answer = await this.#context.limiter.take(asking.key, budgets.all);
    const { budget, remaining, resetMs } = answer;
    reply
      .header('ratelimit-policy', budgets.policy)
      .header('ratelimit', `"${budget.name}";r=${remaining};t=${Math.ceil(resetMs / 1000)}`);
    if (!answer.allowed) await refuse(this.#context, request, asking, answer);
  }
}
