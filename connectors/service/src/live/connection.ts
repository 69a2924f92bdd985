import { type ConnectedTarget, localExec, type ParsedStep, type WorkContext } from '@countersign/connector-kit';
import { JsonObject } from '@countersign/protocol';
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

/** A step parsed as the runner does. */
export function stepOf(action: string, inputs: JsonObject, index = 0): ParsedStep {
  const definition = serviceConnector.actions.find(({ name }) => name === action);
  if (definition === undefined) throw new Error(`no action ${action}`);
  return { index, action, inputs: JsonObject.parse(definition.inputs.parse(inputs)), idempotencyKey: `test:${index}` };
}

/** A context that keeps what is said. */
export interface HeardContext extends WorkContext {
  readonly said: string[];
  text(): string;
}

export function contextOf(options: { signal?: AbortSignal; outputCapBytes?: number } = {}): HeardContext {
  const heard: string[] = [];
  const said: string[] = [];
  return {
    said,
    text: () => heard.join(''),
    signal: options.signal ?? new AbortController().signal,
    outputCapBytes: options.outputCapBytes ?? 4 * 1024 * 1024,
    output: async (_channel, text) => {
      heard.push(text);
      return true;
    },
    progress: (message) => {
      said.push(message);
    },
  };
}

/** Observes, intends and applies one change, as the runner does. */
export async function change(connection: ConnectedTarget, step: ParsedStep, context = contextOf()) {
  const { guard } = await connection.observe([step], context);
  const before = await connection.before(step, guard, context);
  const applied = await connection.apply(step, before, guard, context);
  return { before, guard, applied, verify: () => connection.verify(step, before, applied, context) };
}
