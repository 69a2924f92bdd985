import type { EntityListing } from '@countersign/protocol';
import { listAction } from './read-actions.ts';

const listed = (kind: string): EntityListing => ({
  entity: kind,
  action: listAction.name,
  inputs: { kind },
  list: 'objects',
  name: 'name',
  aliases: [],
  labels: 'labels',
});

/** What can be named: things of the target's own namespace. */
export const inventory: readonly EntityListing[] = [listed('deployment'), listed('pod')];
