import type { Check } from '@countersign/protocol';

/** A check without its id. */
export type Verdict = Pick<Check, 'status' | 'severity' | 'message'>;

export const pass = (message: string): Verdict => ({ status: 'pass', severity: 'info', message });
export const warn = (message: string): Verdict => ({ status: 'warn', severity: 'warning', message });
export const fail = (message: string): Verdict => ({ status: 'fail', severity: 'error', message });
