import type {
  ChatAnswer,
  ChatChunk,
  ChatRequest,
  ModelProvider,
  ProviderHealth,
  TokenUsage,
} from '@countersign/kernel';
import { accept, type Outcome, type Refusal, readJson, refuse } from '@countersign/protocol';
import { CircuitBreaker } from './circuit-breaker.ts';
import type { Dialect } from './dialect.ts';
import { cutOff, type Failure, judgeFailure } from './judge-failure.ts';
import type { ProviderHost, ProviderSettings } from './provider-settings.ts';
import { readAnswer } from './read-answer.ts';
import { callOnce, callStream, type RawAnswer } from './sdk-call.ts';
import { bodyOf, brokeOff } from './sdk-error.ts';
import { type Exchange, sdkFetch } from './sdk-fetch.ts';

const mostAttempts = 3;
const firstBackoffMs = 250;
const healthTimeoutMs = 10_000;
const mostModels = 1000;

/** Time and caller of one request, over all of its attempts. */
class Course {
  readonly signal: AbortSignal;
  readonly #given: AbortSignal;
  readonly #late: AbortSignal;
  readonly #endsAt: number;
  readonly timeoutMs: number;

  constructor(given: AbortSignal, timeoutMs: number, now: number) {
    this.#given = given;
    this.#late = AbortSignal.timeout(timeoutMs);
    this.signal = AbortSignal.any([given, this.#late]);
    this.#endsAt = now + timeoutMs;
    this.timeoutMs = timeoutMs;
  }

  leftMs(now: number): number {
    return this.#endsAt - now;
  }

  ending(): { cancelled: boolean; late: boolean; timeoutMs: number } {
    return { cancelled: this.#given.aborted, late: this.#late.aborted, timeoutMs: this.timeoutMs };
  }
}

function withUsage(refusal: Refusal, { tokensIn, tokensOut }: TokenUsage): Refusal {
  const counted = tokensIn + tokensOut === 0 ? {} : { tokens_in: tokensIn, tokens_out: tokensOut };
  return { ...refusal, detail: { ...refusal.detail, ...counted } };
}

/** A provider that is called over HTTP by the AI SDK. What it does wrong is a refusal; nothing throws for it. */
export class HttpProvider implements ModelProvider {
  readonly #settings: ProviderSettings;
  readonly #dialect: Dialect;
  readonly #host: ProviderHost;
  readonly #breaker: CircuitBreaker;

  constructor(settings: ProviderSettings, dialect: Dialect, host: ProviderHost) {
    this.#settings = settings;
    this.#dialect = dialect;
    this.#host = host;
    this.#breaker = new CircuitBreaker(() => host.now());
  }

  get name(): string {
    return this.#settings.name;
  }
  get type(): ProviderSettings['type'] {
    return this.#settings.type;
  }
  get model(): string {
    return this.#settings.model;
  }

  capabilities(): { streaming: boolean; structured: boolean } {
    return { streaming: true, structured: this.#settings.structured };
  }

  async listModels(signal: AbortSignal): Promise<Outcome<readonly string[]>> {
    const course = new Course(signal, healthTimeoutMs, this.#host.now());
    const { fetch, exchange } = sdkFetch(this.#host, course.signal);
    try {
      const key = this.#settings.key();
      const headers = { accept: 'application/json', ...this.#dialect.keyHeaders(key) };
      const response = await fetch(this.#dialect.modelsUrl(this.#settings), { method: 'GET', headers });
      const body = await response.text();
      if (!response.ok) return this.#judge(exchange, body, course).refusal;
      const models = this.#dialect.readModels(readJson(body));
      if (models !== null) return accept(models.slice(0, mostModels));
      return this.#judge(exchange, '', course).refusal;
    } catch (error) {
      exchange.thrown ??= exchange.status === null ? error : null;
      return this.#judge(exchange, '', course).refusal;
    }
  }

  async healthcheck(signal: AbortSignal): Promise<Outcome<ProviderHealth>> {
    const startedAt = this.#host.now();
    const models = await this.listModels(signal);
    if (!models.ok) return models;
    // Somebody looked, and it is there: what waits for the breaker need not.
    this.#breaker.succeeded();
    return accept({ latencyMs: Math.round(this.#host.now() - startedAt), models: models.value });
  }

  async chatOnce(request: ChatRequest): Promise<Outcome<ChatAnswer>> {
    const course = new Course(request.signal, request.timeoutMs, this.#host.now());
    for (let attempt = 1; ; attempt += 1) {
      const tried = await this.#tryOnce(request, course);
      if (tried.ok) return tried;
      const ended = await this.#untilNext(tried.failure, attempt, course, request);
      if (ended !== null) return ended;
    }
  }

  async *chatStream(request: ChatRequest): AsyncGenerator<ChatChunk> {
    const course = new Course(request.signal, request.timeoutMs, this.#host.now());
    for (let attempt = 1; ; attempt += 1) {
      let begun = false;
      let ended: Failure | null = null;
      for await (const part of this.#tryStream(request, course)) {
        if (part.kind === 'failure') {
          ended = part.failure;
          break;
        }
        yield part;
        if (part.kind === 'end') return;
        begun = true;
      }
      const failure = ended ?? cutOff(this.#settings, true);
      // What was said once is not said again: after the first piece there is no other attempt.
      const over = begun ? failure.refusal : await this.#untilNext(failure, attempt, course, request);
      if (over !== null) {
        yield { kind: 'end', outcome: over };
        return;
      }
    }
  }

  async #tryOnce(
    request: ChatRequest,
    course: Course,
  ): Promise<Extract<Outcome<ChatAnswer>, { ok: true }> | { ok: false; failure: Failure }> {
    const admitted = this.#admit();
    if (admitted !== null) return { ok: false, failure: admitted };
    const { fetch, exchange } = sdkFetch(this.#host, course.signal);
    try {
      const model = await this.#dialect.languageModel(this.#settings, this.#settings.key(), fetch);
      const outcome = this.#whole(await callOnce(model, request, course.signal), request);
      this.#breaker.succeeded();
      return outcome.ok ? outcome : { ok: false, failure: { refusal: outcome, retryable: false, down: false } };
    } catch (error) {
      return { ok: false, failure: this.#note(this.#failureOf(error, exchange, course)) };
    }
  }

  async *#tryStream(
    request: ChatRequest,
    course: Course,
  ): AsyncGenerator<ChatChunk | { kind: 'failure'; failure: Failure }> {
    const admitted = this.#admit();
    if (admitted !== null) {
      yield { kind: 'failure', failure: admitted };
      return;
    }
    const { fetch, exchange } = sdkFetch(this.#host, course.signal);
    let text = '';
    let judged = false;
    try {
      const model = await this.#dialect.languageModel(this.#settings, this.#settings.key(), fetch);
      for await (const part of callStream(model, request, course.signal)) {
        if (part.kind === 'error') throw part.error;
        if (part.kind === 'text') {
          text += part.text;
          yield part;
          continue;
        }
        // The SDK finishes a stream that was cut too, but for no reason that a model has.
        if (!['stop', 'length', 'content-filter'].includes(part.finishReason)) break;
        const { finishReason, usage } = part;
        judged = true;
        this.#breaker.succeeded();
        yield { kind: 'end', outcome: this.#whole({ text, finishReason, usage }, request) };
        return;
      }
      course.signal.throwIfAborted();
      judged = true;
      yield { kind: 'failure', failure: this.#note(cutOff(this.#settings, true)) };
    } catch (error) {
      judged = true;
      yield { kind: 'failure', failure: this.#note(this.#failureOf(error, exchange, course)) };
    } finally {
      // Whoever reads no further says nothing about the provider.
      if (!judged) this.#breaker.ended();
    }
  }

  /** A whole answer, if it is what was asked for. */
  #whole({ text, finishReason, usage }: RawAnswer, { schema, maxOutputTokens }: ChatRequest): Outcome<ChatAnswer> {
    const { name, model } = this.#settings;
    if (finishReason === 'length') {
      const message = `the answer of provider "${name}" did not fit into ${maxOutputTokens} tokens`;
      return withUsage(
        refuse('E_PROVIDER_INVALID_OUTPUT', message, { next: 'ask for less at once, or raise AI_MAX_OUTPUT_TOKENS' }),
        usage,
      );
    }
    if (finishReason === 'content-filter') {
      const message = `provider "${name}" withheld its answer`;
      return withUsage(refuse('E_PROVIDER_REJECTED', message, { next: 'say it in other words' }), usage);
    }
    if (schema === null) return accept({ text, object: null, model, usage });
    const object = readAnswer(name, text, schema);
    return object.ok ? accept({ text, object: object.value, model, usage }) : withUsage(object, usage);
  }

  #admit(): Failure | null {
    const admission = this.#breaker.admit();
    if (!admission.open) return null;
    const message = `provider "${this.name}" failed too often in a row; it is left alone for a moment`;
    const detail = {
      retry_after_ms: Math.ceil(admission.retryAfterMs),
      next: 'ask again later, or switch to another provider',
    };
    return { refusal: refuse('E_PROVIDER_UNAVAILABLE', message, detail), retryable: false, down: false };
  }

  #failureOf(error: unknown, exchange: Exchange, course: Course): Failure {
    const answered = exchange.thrown === null && exchange.status !== null && exchange.status < 300;
    if (answered && !course.signal.aborted && brokeOff(error)) return cutOff(this.#settings, true);
    exchange.thrown ??= exchange.status === null ? error : null;
    return this.#judge(exchange, bodyOf(error), course);
  }

  #judge(exchange: Exchange, body: string, course: Course): Failure {
    return judgeFailure(this.#settings, exchange, body, course.ending());
  }

  #note(failure: Failure): Failure {
    if (failure.down) this.#breaker.failed();
    else if (failure.refusal.code === 'E_PROVIDER_CANCELLED') this.#breaker.ended();
    else this.#breaker.succeeded();
    return failure;
  }

  /**
   * Waits for the next attempt, if there may be one: bounded, with jitter, no sooner than the provider asks, never past the
   * deadline, and paid for. What to answer where there is none; null where there is.
   */
  async #untilNext(
    { refusal, retryable }: Failure,
    attempt: number,
    course: Course,
    { payAgain }: ChatRequest,
  ): Promise<Refusal | null> {
    if (!retryable || attempt >= mostAttempts || course.signal.aborted) return refusal;
    const backoffMs = firstBackoffMs * 2 ** (attempt - 1) * (0.5 + this.#host.random() / 2);
    const asked = refusal.detail['retry_after_ms'];
    const waitMs = Math.max(backoffMs, typeof asked === 'number' ? asked : 0);
    if (waitMs >= course.leftMs(this.#host.now())) return refusal;
    try {
      await this.#host.wait(waitMs, course.signal);
    } catch {
      return refusal;
    }
    const paid = payAgain?.(refusal);
    if (paid === undefined || paid.ok) return null;
    return { ...refusal, detail: { ...refusal.detail, not_asked_again: paid.message } };
  }
}
