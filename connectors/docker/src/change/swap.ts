import { ConnectorError } from '@countersign/connector-kit';
import type { Container } from '../answers.ts';
import type { DockerClient } from '../client.ts';

/** One container that gives its name to another. */
export interface Swap {
  readonly name: string;
  /** The container that is stopped and set aside, and the name that it gets. */
  readonly out: string;
  readonly aside: string;
  /** The container that takes the name and is started. */
  readonly into: string;
  /** The restart policy of the one that serves, as `no`, `always`, `on-failure:3`. */
  readonly restartPolicy: string;
  readonly stopTimeoutSeconds: number;
}

/** Time beyond the stop timeout that the whole exchange may take. */
const slackMs = 60_000;

/** Names of containers that were set aside: told by the id, so that none takes another's. */
export const keptName = (name: string, id: string): string => `${name}.kept-${id.slice(0, 12)}`;
export const failedName = (name: string, id: string): string => `${name}.failed-${id.slice(0, 12)}`;

function policyBody(text: string) {
  const [name = 'no', count = '0'] = text.split(':');
  return { RestartPolicy: { Name: name, MaximumRetryCount: Number(count) } };
}

async function find(client: DockerClient, id: string, signal: AbortSignal): Promise<Container> {
  const container = await client.inspect(id, signal);
  if (container !== undefined) return container;
  throw new ConnectorError('E_TARGET_MISSING', `container ${id.slice(0, 12)} went away in the middle of the exchange`, {
    effect: 'maybe',
  });
}

async function setPolicy(
  client: DockerClient,
  container: Container,
  policy: string,
  signal: AbortSignal,
): Promise<void> {
  if (container.restartPolicy !== policy) await client.update(container.id, policyBody(policy), signal);
}

/**
 * Stops one container, sets it aside, gives its name to another and starts that. Each part looks first whether it is
 * done already, so that an exchange that was broken off can be gone through again. Does not end on the signal of the
 * work: half-way nothing serves, which is worse than both ends; it has a time limit of its own.
 */
export async function exchange(client: DockerClient, swap: Swap): Promise<void> {
  const signal = AbortSignal.timeout(swap.stopTimeoutSeconds * 1000 + slackMs);
  const out = await find(client, swap.out, signal);
  // One that is set aside must not come back by itself when the daemon is restarted.
  await setPolicy(client, out, 'no', signal);
  if (out.state !== 'exited' && out.state !== 'created') await client.stop(out.id, swap.stopTimeoutSeconds, signal);
  if (out.name !== swap.aside) await client.rename(out.id, swap.aside, signal);
  const into = await find(client, swap.into, signal);
  if (into.name !== swap.name) await client.rename(into.id, swap.name, signal);
  await setPolicy(client, into, swap.restartPolicy, signal);
  if (into.state !== 'running') await client.start(into.id, signal);
}
