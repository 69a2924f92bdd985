import { JsonObject } from '@countersign/protocol';
import type { AnyConnector, Applied, ConnectedTarget, ParsedStep, WorkContext } from '../connector/connector.ts';

/** Makes steps of a connector, parsed as the runner does. Throws where it has no such action or does not take the inputs. */
export function stepsOf({ actions }: AnyConnector) {
  return (action: string, inputs: JsonObject, index = 0): ParsedStep => {
    const definition = actions.find(({ name }) => name === action);
    if (definition === undefined) throw new Error(`no action ${action}`);
    return {
      index,
      action,
      inputs: JsonObject.parse(definition.inputs.parse(inputs)),
      idempotencyKey: `test:${index}`,
    };
  };
}

/** A context that keeps what comes out, in order, and what is said. */
export interface KeepingContext extends WorkContext {
  readonly heard: { channel: string; text: string }[];
  readonly said: string[];
  /** All output in one piece. */
  text(): string;
}

export function contextOf(options: { signal?: AbortSignal; outputCapBytes?: number } = {}): KeepingContext {
  const heard: { channel: string; text: string }[] = [];
  const said: string[] = [];
  return {
    heard,
    said,
    text: () => heard.map(({ text }) => text).join(''),
    signal: options.signal ?? new AbortController().signal,
    outputCapBytes: options.outputCapBytes ?? 4 * 1024 * 1024,
    output: async (channel, text) => {
      heard.push({ channel, text });
      return true;
    },
    progress: (message) => {
      said.push(message);
    },
  };
}

/** One change that was had, and what is needed to look at it. */
export interface Change {
  readonly before: Awaited<ReturnType<ConnectedTarget['before']>>;
  readonly guard: Applied['guard'];
  readonly applied: Applied;
  verify(): ReturnType<ConnectedTarget['verify']>;
}

/** Observes, intends and applies one change, as the runner does. */
export async function change(
  connection: ConnectedTarget,
  step: ParsedStep,
  context: WorkContext = contextOf(),
): Promise<Change> {
  const { guard } = await connection.observe([step], context);
  const before = await connection.before(step, guard, context);
  const applied = await connection.apply(step, before, guard, context);
  return { before, guard, applied, verify: () => connection.verify(step, before, applied, context) };
}
