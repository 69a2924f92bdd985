import { type ConnectedTarget, localExec, type ParsedStep } from '@countersign/connector-kit';
import { stepsOf } from '@countersign/connector-kit/conformance';
import { dockerSocket } from '@countersign/testing';
import { onTestFinished } from 'vitest';
import { dockerConnector } from '../index.ts';

/** The connector on the tests' daemon, closed when the test ends. `clockOffsetMs` moves its clock. */
export function connectDocker(socket = dockerSocket(), clockOffsetMs = 0): ConnectedTarget {
  const ports = { exec: localExec, now: () => Date.now() + clockOffsetMs };
  const connection = dockerConnector.connect({ socket }, ports);
  onTestFinished(() => connection.close());
  return connection;
}

/** Steps of the connector. */
export const stepOf = stepsOf(dockerConnector);

/** A step that restarts a container, with a short stop timeout. */
export function restartOf(container: string, index = 0): ParsedStep {
  return stepOf('docker.restart_container', { container, stop_timeout_seconds: 2 }, index);
}
