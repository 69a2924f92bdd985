import type { WorkerRecord } from '@countersign/kernel';
import type { Readiness, TargetRef } from '@countersign/protocol';
import type { EngineContext } from '../context/context.ts';

/** How a target stands, as the worker that serves it said last. */
export interface TargetReadiness {
  readonly target: string;
  readonly connector: string;
  readonly status: Readiness;
  readonly message: string;
}

/** How targets stand with these live workers; the server's own are ready for as long as it is. */
export function targetReadiness(
  context: Pick<EngineContext, 'catalogue'>,
  workers: readonly WorkerRecord[],
  targets: readonly TargetRef[],
): TargetReadiness[] {
  return targets.map(({ name: target, connector }) => {
    const own = context.catalogue.builtIn(connector) !== undefined;
    const offered = workers.flatMap((worker) => worker.targets).find(({ name }) => name === target);
    if (offered !== undefined) return { target, connector, status: offered.status, message: offered.message };
    return own
      ? { target, connector, status: 'ready', message: 'the server itself serves it' }
      : { target, connector, status: 'unavailable', message: 'no worker serves it' };
  });
}
