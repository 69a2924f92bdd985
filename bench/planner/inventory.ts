import { dockerConnector } from '@countersign/connector-docker';
import { manifestOf } from '@countersign/connector-kit';
import { repoConnector } from '@countersign/connector-repo';
import type { InventoryItem, PlannerAction } from '@countersign/kernel';
import { askedFor, type TargetRef } from '@countersign/protocol';

const target = (
  name: string,
  project: string,
  environment: string,
  tier: TargetRef['tier'],
  connector: string,
): TargetRef => ({ name, project, environment, tier, connector });

/** Two projects in three environments, one that stands apart, and two connectors. */
export const targets: readonly TargetRef[] = [
  target('shop-dev', 'shop', 'dev', 'dev', 'docker'),
  target('shop-stage', 'shop', 'stage', 'stage', 'docker'),
  target('shop-prod', 'shop', 'prod', 'prod', 'docker'),
  target('blog-stage', 'blog', 'stage', 'stage', 'docker'),
  target('blog-prod', 'blog', 'prod', 'prod', 'docker'),
  target('shop-code', 'shop', 'dev', 'dev', 'repo'),
  target('shop-config', 'shop', 'stage', 'stage', 'repo'),
  target('shop-live-config', 'shop', 'prod', 'prod', 'repo'),
  target('blog-content', 'blog', 'stage', 'stage', 'repo'),
  target('infra', 'platform', 'prod', 'prod', 'repo'),
];

/** Containers by target, many of them with near names, some with the same name elsewhere. */
const containers: Readonly<Record<string, readonly string[]>> = {
  'shop-dev': ['web', 'worker', 'db', 'cache', 'mailhog', 'api'],
  'shop-stage': ['web', 'worker', 'worker-mail', 'db', 'cache', 'api', 'api-v2', 'checkout'],
  'shop-prod': ['web-1', 'web-2', 'worker', 'db', 'cache', 'api', 'payments', 'payments-retry'],
  'blog-stage': ['ghost', 'nginx', 'blog-db'],
  'blog-prod': ['ghost', 'nginx', 'blog-db', 'worker', 'search'],
};

/** Ids that prompts name; the others have none, as no prompt needs one. */
const ids: Readonly<Record<string, string>> = { 'shop-stage/web': '4f2a9c1b77d0', 'shop-stage/api': '4f2a0d3e5a91' };

export const inventory: readonly InventoryItem[] = Object.entries(containers).flatMap(([place, names]) =>
  names.map((name) => {
    const id = ids[`${place}/${name}`];
    return { entity: 'container', name, aliases: id === undefined ? [] : [id], target: place };
  }),
);

/** Every action of both connectors, allowed on all of their targets. */
export const actions: readonly PlannerAction[] = [dockerConnector, repoConnector].flatMap((connector) =>
  askedFor(manifestOf(connector).actions).map((action) => ({
    action,
    targets: targets.filter((known) => known.connector === connector.name),
  })),
);
