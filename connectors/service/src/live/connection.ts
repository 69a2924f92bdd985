import { type ConnectedTarget, localExec } from '@countersign/connector-kit';
import { stepsOf } from '@countersign/connector-kit/conformance';
import { dockerSocket } from '@countersign/testing';
import { onTestFinished } from 'vitest';
import { serviceConnector } from '../index.ts';
import type { Machine } from './machine.ts';

/** Settings of a target on a machine, through a socket of Docker. */
export function configOf(machine: Machine, socket = dockerSocket()) {
  const logs =
    machine.kind === 'sysvinit' ? { log_files: { alpha: '/var/log/alpha.log', crash: '/var/log/crash.log' } } : {};
  return { place: { kind: 'container', docker: { socket }, container: machine.name }, ...logs };
}

/** The connector on a machine, closed when the test ends. `clockOffsetMs` moves its clock. */
export function connectTo(machine: Machine, clockOffsetMs = 0): ConnectedTarget {
  const connection = serviceConnector.connect(configOf(machine), {
    exec: localExec,
    now: () => Date.now() + clockOffsetMs,
  });
  onTestFinished(() => connection.close());
  return connection;
}

/** Steps of the connector. */
export const stepOf = stepsOf(serviceConnector);
