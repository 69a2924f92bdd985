/** The answer to a check of bytes from outside: the value, or one sentence that says why it was refused. */
export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

/** A check that passed. */
export function valid<T>(value: T): Checked<T> {
  return { ok: true, value };
}

/** A check that did not pass, with the reason. */
export function invalid(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason };
}
