import { type ConnectedTarget, type Exec, localExec } from '@countersign/connector-kit';
import { stepsOf } from '@countersign/connector-kit/conformance';
import { onTestFinished } from 'vitest';
import { jvmConnector } from '../index.ts';

/** The connector with these settings, closed when the test ends. `clockOffsetMs` moves its clock. */
export function connectTo(config: unknown, clockOffsetMs = 0, exec: Exec = localExec): ConnectedTarget {
  const connection = jvmConnector.connect(config, { exec, now: () => Date.now() + clockOffsetMs });
  onTestFinished(() => connection.close());
  return connection;
}

/** Steps of the connector. */
export const stepOf = stepsOf(jvmConnector);
