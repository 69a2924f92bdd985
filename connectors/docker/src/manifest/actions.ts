import type { ActionDefinition } from '@countersign/connector-kit';
import { listAction } from './list-action.ts';
import { logsAction } from './logs-action.ts';
import { eventsAction, inspectAction, statsAction } from './look-actions.ts';
import { keepAction, recreateAction, restoreAction } from './recreate-actions.ts';
import { resourcesAction } from './resources-action.ts';
import { restartAction } from './restart-action.ts';
import { startAction, stopAction } from './stop-start-actions.ts';

/** Every action of the connector. */
export const actions: readonly ActionDefinition[] = [
  ...[listAction, logsAction, inspectAction, statsAction, eventsAction],
  ...[restartAction, stopAction, startAction, resourcesAction],
  ...[recreateAction, keepAction, restoreAction],
];
