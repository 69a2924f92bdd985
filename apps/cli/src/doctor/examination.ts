/** What `countersign doctor` looked at, how it stands, and what to do about it. */
export interface Examination {
  /** Permanent name, such as `data.modes`. */
  readonly id: string;
  readonly status: 'pass' | 'warn' | 'fail';
  readonly message: string;
  /** What to do; absent where there is nothing to do. */
  readonly next?: string;
}

export const pass = (id: string, message: string): Examination => ({ id, status: 'pass', message });
export const warn = (id: string, message: string, next: string): Examination => ({ id, status: 'warn', message, next });
export const fail = (id: string, message: string, next: string): Examination => ({ id, status: 'fail', message, next });
