import { ConnectorError } from '@countersign/connector-kit';
import type { Change } from './change.ts';
import { keepChange } from './keep-change.ts';
import { powerChanges } from './power.ts';
import { recreateChange } from './recreate-change.ts';
import { resourcesChange } from './resources-change.ts';
import { restoreChange } from './restore-change.ts';

const changes = new Map(
  [...powerChanges, resourcesChange, recreateChange, keepChange, restoreChange].map((each) => [each.action, each]),
);

/** The change that an action makes. Throws E_VALIDATION for a read. */
export function changeOf(action: string): Change {
  const found = changes.get(action);
  if (found !== undefined) return found;
  throw new ConnectorError('E_VALIDATION', `${action} is no action of this connector that can be planned`, {
    effect: 'none',
  });
}
