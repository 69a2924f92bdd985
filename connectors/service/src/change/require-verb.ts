import { ConnectorError, type ParsedStep } from '@countersign/connector-kit';
import type { Verb } from '../driver/driver.ts';
import { verbOf } from '../manifest.ts';

/** What a step does; throws E_VALIDATION for one that changes nothing. */
export function requireVerb({ action }: ParsedStep): Verb {
  const verb = verbOf(action);
  if (verb !== undefined) return verb;
  throw new ConnectorError('E_VALIDATION', `${action} is no action of this connector that can be planned`, {
    effect: 'none',
  });
}
