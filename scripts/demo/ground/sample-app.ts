import type { Ground } from '../part/part.ts';
import { docker } from './docker-daemon.ts';

/** The label by which everything of one demo is found again. */
export const label = 'countersign.demo';

/** A shop's log: requests, some of them slow, a few that fail. Stops at once when it is asked to. */
const script = `
trap 'echo "INFO shop stops"; exit 0' TERM
echo "INFO shop started"
n=0
while :; do
  n=$((n + 1))
  echo "INFO order $n taken in $((n % 17 + 3)) ms"
  [ $((n % 5)) != 0 ] || echo "WARN order $n waited $((n % 7 + 2)) s for the stock"
  [ $((n % 12)) != 0 ] || echo "ERROR order $n has no price" >&2
  [ $n -lt 60 ] || sleep 0.2
done
`;

/** The command of the sample app, in a container or a pod. */
export const appCommand = ['sh', '-c', script] as const;

export const environments = ['dev', 'stage', 'prod'] as const;

/** Starts one container of the app for each environment; answers their names. */
export async function startContainers(socket: string, image: string, ground: Ground) {
  const { id, cleanup, signal } = ground;
  cleanup.add('containers', async () => {
    const mine = await docker(socket, ['ps', '--all', '--quiet', '--filter', `label=${label}=${id}`]);
    if (mine !== '') await docker(socket, ['rm', '--force', ...mine.split('\n')]);
  });
  const names = { dev: `shop-dev-${id}`, stage: `shop-stage-${id}`, prod: `shop-prod-${id}` };
  for (const environment of environments) {
    const options = ['--detach', '--name', names[environment], '--label', `${label}=${id}`];
    await docker(socket, ['run', ...options, image, ...appCommand], signal);
  }
  return names;
}
