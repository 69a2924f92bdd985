import { isErrorCode, type Json } from '@countersign/protocol';
import { ConnectorError, type ConnectorErrorCode } from '../../connector/connector-error.ts';

/** How a call ended. */
export type Attempt<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'error'; readonly error: unknown }
  | { readonly kind: 'hung'; readonly boundMs: number };

async function settled<T>(call: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { kind: 'value', value: await call() };
  } catch (error) {
    return { kind: 'error', error };
  }
}

/** Makes a call and waits for it no longer than `boundMs`. */
export async function attempt<T>(boundMs: number, call: () => Promise<T>): Promise<Attempt<T>> {
  const hung = Promise.withResolvers<Attempt<T>>();
  const timer = setTimeout(() => hung.resolve({ kind: 'hung', boundMs }), boundMs);
  const first = await Promise.race([settled(call), hung.promise]);
  clearTimeout(timer);
  return first;
}

/** Aborts a controller `delayMs` after the call began. */
export async function interrupted<T>(
  call: (signal: AbortSignal) => Promise<T>,
  options: { delayMs: number; boundMs: number; reason?: unknown },
): Promise<Attempt<T>> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(options.reason), options.delayMs);
  try {
    return await attempt(options.delayMs + options.boundMs, () => call(controller.signal));
  } finally {
    clearTimeout(timer);
  }
}

/** A text for a problem. */
export function say(error: unknown): string {
  if (error instanceof ConnectorError) return `${error.code} (effect ${error.effect}): ${error.message}`;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** What is wrong with how a call ended that should have thrown a ConnectorError of one of `codes`. */
export function failureProblems(
  what: string,
  ended: Attempt<unknown>,
  codes: readonly ConnectorErrorCode[],
  effect?: 'none',
): string[] {
  const wanted = codes.join(' or ');
  if (ended.kind === 'hung') return [`${what} did not end within ${ended.boundMs} ms; ${wanted} was due`];
  if (ended.kind === 'value') return [`${what} succeeded; ${wanted} was due`];
  const { error } = ended;
  if (!(error instanceof ConnectorError)) return [`${what} threw no ConnectorError but ${say(error)}`];
  const problems: string[] = [];
  if (!isErrorCode(error.code)) problems.push(`${what} threw the unregistered code ${String(error.code)}`);
  if (!codes.some((code) => code === error.code)) problems.push(`${what} threw ${say(error)}; ${wanted} was due`);
  if (effect === 'none' && error.effect !== 'none') problems.push(`${what} must promise effect none: ${say(error)}`);
  return problems;
}

/** Whether two JSON values are the same, by structure. */
export function same(left: Json, right: Json): boolean {
  return sorted(left) === sorted(right);
}

function sorted(value: Json): string {
  return JSON.stringify(value, (_key, each: Json) =>
    each !== null && typeof each === 'object' && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
