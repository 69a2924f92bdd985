import type { RouteDefinition, RouteId, routes } from '@countersign/protocol';

type Routes = typeof routes;
type OutputOf<S> = S extends { readonly _zod: { readonly output: infer Output } } ? Output : never;
type InputOf<S> = S extends { readonly _zod: { readonly input: infer Input } } ? Input : never;
type Member<R, K extends keyof RouteDefinition> = R extends { readonly [Key in K]: infer Value } ? Value : undefined;

type ParamsPart<R> =
  Member<R, 'params'> extends undefined ? unknown : { readonly params: OutputOf<Member<R, 'params'>> };
// A query's numbers are coerced from text, so its input type says nothing; its output type does, and all of it is optional.
type QueryPart<R> =
  Member<R, 'query'> extends undefined ? unknown : { readonly query?: Partial<OutputOf<Member<R, 'query'>>> };
type BodyPart<R> = Member<R, 'body'> extends undefined ? unknown : { readonly body: InputOf<Member<R, 'body'>> };

type AnswerBody<S> = S extends 'text'
  ? string
  : S extends 'bytes'
    ? Uint8Array
    : S extends 'empty'
      ? null
      : OutputOf<S>;
type AnswersOf<R> = Member<R, 'answers'>;
type IsStream<R> = 'sse' extends AnswersOf<R>[keyof AnswersOf<R>] ? true : false;

/** Every route that answers once; streams are read with `events`. */
export type CallableRouteId = { [K in RouteId]: IsStream<Routes[K]> extends true ? never : K }[RouteId];

/** How long a call may take, and what else goes with it. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Limit of the whole call; 90 s when left out, so that the server's own waits (at most 60 s) end first. */
  readonly timeoutMs?: number;
  /** How long the server may hold the answer back for a plan (`Prefer: wait=n`), in whole seconds. */
  readonly preferWaitSeconds?: number;
  /** `Idempotency-Key`: the same request with the same key is done once. Demanded with each POST below `/v1/public`. */
  readonly idempotencyKey?: string;
  /** `X-Request-Id`, by which logs and audit entries of the call are found; also `traceparent` where it is a trace id. */
  readonly correlationId?: string;
}

/** What a call of this route takes: `params`, `query` and `body`, each only where the route has it. */
export type CallRequest<K extends CallableRouteId> = ParamsPart<Routes[K]> &
  QueryPart<Routes[K]> &
  BodyPart<Routes[K]> &
  CallOptions;

/** What a call of this route answers: the parsed body of any of its success statuses. */
export type CallAnswer<K extends CallableRouteId> = AnswerBody<AnswersOf<Routes[K]>[keyof AnswersOf<Routes[K]>]>;

/** Arguments after the route id: may be left out where nothing in the request is required. */
export type CallArguments<K extends CallableRouteId> =
  Record<never, never> extends CallRequest<K> ? [request?: CallRequest<K>] : [request: CallRequest<K>];

/** A request without the route's own types, as the transport sees it. */
export interface UntypedRequest extends CallOptions {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}
