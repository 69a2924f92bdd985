import type { StoreWarning } from '../open/store-options.ts';

/** Calls what units registered for after their commit. One that throws is reported: the change stands and the others hear of it. */
export function callListeners(listeners: readonly (() => void)[], report: (warning: StoreWarning) => void): void {
  for (const listener of listeners) {
    try {
      listener();
    } catch (error) {
      report({ kind: 'listener_failed', error });
    }
  }
}
