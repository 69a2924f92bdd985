import { type ConnectedTarget, localExec, type ParsedStep, type WorkContext } from '@countersign/connector-kit';
import { JsonObject } from '@countersign/protocol';
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

/** A step parsed as the runner does. */
export function stepOf(action: string, inputs: JsonObject, index = 0): ParsedStep {
  const definition = dockerConnector.actions.find(({ name }) => name === action);
  if (definition === undefined) throw new Error(`no action ${action}`);
  return { index, action, inputs: JsonObject.parse(definition.inputs.parse(inputs)), idempotencyKey: `test:${index}` };
}

/** A context that keeps the output in order. */
export interface HeardContext extends WorkContext {
  readonly heard: { channel: string; text: string }[];
  text(): string;
}

export function contextOf(options: { signal?: AbortSignal; outputCapBytes?: number } = {}): HeardContext {
  const heard: { channel: string; text: string }[] = [];
  return {
    heard,
    text: () => heard.map(({ text }) => text).join(''),
    signal: options.signal ?? new AbortController().signal,
    outputCapBytes: options.outputCapBytes ?? 4 * 1024 * 1024,
    output: async (channel, text) => {
      heard.push({ channel, text });
      return true;
    },
    progress: () => undefined,
  };
}

/** Observes, intends and applies one restart, as the runner does. */
export async function restart(connection: ConnectedTarget, step: ParsedStep) {
  const context = contextOf();
  const { guard } = await connection.observe([step], context);
  const before = await connection.before(step, guard, context);
  const applied = await connection.apply(step, before, guard, context);
  return { before, guard, applied, verify: () => connection.verify(step, before, applied, context) };
}

/** A step that restarts a container, with a short stop timeout. */
export function restartOf(container: string, index = 0): ParsedStep {
  return stepOf('docker.restart_container', { container, stop_timeout_seconds: 2 }, index);
}
