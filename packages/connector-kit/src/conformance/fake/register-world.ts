import { ConnectorError } from '../../connector/connector-error.ts';

/** One effect as the target's own ledger has it. */
export interface LedgerEntry {
  readonly key: string;
  readonly register: string;
}

/** A small target of named registers with a version to compare and set by, and a ledger that nobody can talk to twice. */
export class RegisterWorld {
  readonly registers = new Map<string, string>([['kept', 'as it was']]);
  readonly ledger: LedgerEntry[] = [];
  version = 1;
  reachable = true;
  slow = false;

  /** One round trip to the target. */
  async reach(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw new ConnectorError('E_CANCELLED', 'cancelled before the call', { effect: 'none' });
    if (!this.reachable) throw new ConnectorError('E_TARGET_UNREACHABLE', 'no answer', { effect: 'none' });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, this.slow ? 60_000 : 2);
    const stop = (): void => reject(new ConnectorError('E_CANCELLED', 'cancelled while waiting', { effect: 'none' }));
    signal.addEventListener('abort', stop, { once: true });
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  }

  write(register: string, value: string | null): void {
    if (value === null) this.registers.delete(register);
    else this.registers.set(register, value);
    this.version += 1;
  }
}
