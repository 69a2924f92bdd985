import {
  type ConnectedTarget,
  type Exec,
  localExec,
  type ParsedStep,
  type WorkContext,
} from '@countersign/connector-kit';
import { JsonObject } from '@countersign/protocol';
import { onTestFinished } from 'vitest';
import { jvmConnector } from '../index.ts';

/** The connector with these settings, closed when the test ends. `clockOffsetMs` moves its clock. */
export function connectTo(config: unknown, clockOffsetMs = 0, exec: Exec = localExec): ConnectedTarget {
  const connection = jvmConnector.connect(config, { exec, now: () => Date.now() + clockOffsetMs });
  onTestFinished(() => connection.close());
  return connection;
}

/** A step parsed as the runner does. */
export function stepOf(action: string, inputs: JsonObject, index = 0): ParsedStep {
  const definition = jvmConnector.actions.find(({ name }) => name === action);
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

/** Observes, intends and applies one collection, as the runner does. */
export async function change(connection: ConnectedTarget, step: ParsedStep, context = contextOf()) {
  const { guard } = await connection.observe([step], context);
  const before = await connection.before(step, guard, context);
  const applied = await connection.apply(step, before, guard, context);
  return { before, guard, applied, verify: () => connection.verify(step, before, applied, context) };
}
