import { ConnectorError } from '@countersign/connector-kit';

/** What a service manager said, without what could be secret (KEY=value, credentials in URLs), on one line of at most 600 characters. */
export function safeWords(text: string): string {
  return text
    .replace(/\b([A-Za-z_][A-Za-z0-9_]*)=("[^"]*"|'[^']*'|\S+)/g, '$1=***')
    .replace(/:\/\/[^\s/@]+@/g, '://***@')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 600);
}

/** No service has that name. */
export function missingService(name: string, nearest: readonly string[]): ConnectorError {
  const hint = nearest.length === 0 ? '' : `; nearest: ${nearest.join(', ')}`;
  return new ConnectorError('E_TARGET_MISSING', `no service ${name}${hint}`, {
    effect: 'none',
    detail: { service: name, nearest: [...nearest] },
  });
}

/** The manager refused, before it did anything. */
export function refused(message: string, said: string, next: string): ConnectorError {
  return new ConnectorError('E_TARGET_REFUSED', message, { effect: 'none', detail: { said: safeWords(said), next } });
}

/** The manager does not answer. */
export function noAnswer(manager: string, said: string, next: string): ConnectorError {
  return new ConnectorError('E_TARGET_UNREACHABLE', `${manager} does not answer: ${safeWords(said)}`, {
    effect: 'none',
    detail: { next },
  });
}
