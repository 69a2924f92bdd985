import { ConnectorError } from './connector-error.ts';

/** The error an aborted signal stands for: E_TIMEOUT if its reason is a `TimeoutError`, else E_CANCELLED. */
export function interruption(signal: AbortSignal, what: string, effect: 'none' | 'maybe'): ConnectorError {
  const { reason } = signal;
  return reason instanceof Error && reason.name === 'TimeoutError'
    ? new ConnectorError('E_TIMEOUT', `${what} ran into the time limit`, { effect })
    : new ConnectorError('E_CANCELLED', `${what} was cancelled`, { effect });
}
