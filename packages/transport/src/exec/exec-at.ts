import type { Exec } from '@countersign/connector-kit';
import { openDialler } from '../docker/dialler.ts';
import type { ExecPlace } from '../place/exec-place.ts';
import { sshConnection } from '../ssh/ssh-connection.ts';
import { attend } from './attend.ts';
import { containerStart } from './container-exec.ts';
import { podStart } from './pod-exec.ts';
import { sshStart } from './ssh-exec.ts';

/** Programs at one place, and the connections that they share. */
export interface PlacedExec extends Exec {
  /** Where programs run, for messages: `here`, `container NAME`, `pod NAME in namespace NAME`, `user@host:port`. */
  readonly where: string;
  /** Ends the connections. Programs that run there are left alone. */
  close(): Promise<void>;
}

/**
 * Runs programs at a place as `local` runs them here: typed arguments, no shell of ours, bounded output and time. Nothing
 * is connected before the first `run`.
 *
 * `run` throws ConnectorError: E_TARGET_UNREACHABLE (effect none: no way there, or the program cannot be started; effect
 * maybe: the connection broke while it ran), E_TARGET_MISSING (no such container), E_TARGET_REFUSED, E_VALIDATION (SSH: an
 * argument that no command line can carry), E_CANCELLED and E_TIMEOUT (before it was started).
 */
export function execAt(place: ExecPlace, local: Exec): PlacedExec {
  if (place.kind === 'local')
    return { where: 'here', run: (request) => local.run(request), close: async () => undefined };
  if (place.kind === 'container') {
    const dialler = openDialler(place.docker);
    const start = containerStart(dialler, place.container);
    return {
      where: `container ${place.container}`,
      run: (request) => attend(request, start),
      close: async () => dialler.close(),
    };
  }
  if (place.kind === 'pod') {
    const { kind: _, ...pod } = place;
    const where = `pod ${pod.pod} in namespace ${pod.namespace}`;
    const start = podStart(pod, where);
    return { where, run: (request) => attend(request, start), close: async () => undefined };
  }
  const { kind: _, ...settings } = place;
  const connection = sshConnection(settings);
  const start = sshStart(connection);
  return {
    where: connection.where,
    run: (request) => attend(request, start),
    close: async () => connection.close(),
  };
}
