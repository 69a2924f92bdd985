import {
  type ActionManifest,
  ActionManifest as ActionManifestSchema,
  type ConnectorManifest,
  JsonObject,
} from '@countersign/protocol';
import { z } from 'zod';
import type { ActionDefinition } from '../connector/action.ts';
import type { AnyConnector } from '../connector/connector.ts';
import { fingerprint } from './fingerprint.ts';

function actionManifest(action: ActionDefinition): ActionManifest {
  const { inputs, ...rest } = action;
  const inputSchema = JsonObject.parse(z.toJSONSchema(inputs, { target: 'draft-2020-12', io: 'input' }));
  return ActionManifestSchema.parse({ ...rest, inputSchema });
}

/** What a connector announces when its worker registers. */
export function manifestOf(connector: AnyConnector): ConnectorManifest {
  const actions = connector.actions.map(actionManifest).sort((a, b) => (a.name < b.name ? -1 : 1));
  const { inventory } = connector;
  const content = {
    connector: connector.name,
    version: connector.version,
    actions,
    ...(inventory === undefined ? {} : { inventory: [...inventory] }),
  };
  return { ...content, hash: fingerprint(JsonObject.parse(content)) };
}
