import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PartTarget } from '../part/part.ts';

const project = 'shop';

/** A policy of the operator's own: in prod nothing is restarted by hand. */
const policy = `@id("prod-no-restarts")
@reason("Containers in prod are replaced by a release, never restarted by hand.")
forbid (
  principal,
  action in Action::"mutate",
  resource
)
when { context.action == "docker.restart_container" && resource.tier == Tier::"prod" };
`;

/** Files of the installation, by their names in the demo's folder. */
export const fileNames = {
  server: 'server.yaml',
  worker: 'worker.yaml',
  enrolment: 'agent-1.enrolment',
  token: 'operator.token',
} as const;

/** Writes the configurations: the server knows which targets there are, and the worker alone how they are reached. */
export function writeConfigurations(folder: string, targets: readonly PartTarget[]): void {
  const policies = join(folder, 'policies');
  mkdirSync(policies);
  writeFileSync(join(policies, 'prod-no-restarts.cedar'), policy);
  const known = targets.map(({ config: _, ...target }) => ({ project, ...target }));
  const write = (name: string, content: unknown) => writeFileSync(join(folder, name), JSON.stringify(content, null, 2));
  write(fileNames.server, { policies: { folder: policies }, targets: known });
  write(fileNames.worker, { targets: targets.map((target) => ({ project, ...target })) });
}
