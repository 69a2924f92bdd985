import { randomUUID } from 'node:crypto';
import { type Idempotency, type Json, JsonValue, type StepInput } from '@countersign/protocol';
import type { ActionDefinition } from '../../connector/action.ts';
import type { ConnectedTarget, ParsedStep, WorkContext } from '../../connector/connector.ts';
import type { ConformanceHarness, ConformanceTarget } from '../harness.ts';

/** A context and what was said through it. */
export interface HeardContext extends WorkContext {
  readonly heard: { channel: string; text: string }[];
}

/** A fresh target with connections to it. */
export class Bench<Target extends ConformanceTarget> {
  readonly harness: ConformanceHarness<Target>;
  readonly target: Target;
  readonly boundMs: number;
  readonly cancelBoundMs: number;
  private readonly connections: ConnectedTarget[] = [];

  constructor(harness: ConformanceHarness<Target>, target: Target) {
    this.harness = harness;
    this.target = target;
    this.boundMs = harness.boundMs ?? 30_000;
    this.cancelBoundMs = harness.cancelBoundMs ?? 5_000;
  }

  /** Connects as another process would: nothing is shared with earlier connections, the clock may differ. */
  connect(clockOffsetMs = 0): ConnectedTarget {
    const { ports, config } = this.target;
    const connection = this.harness.connector.connect(config, { ...ports, now: () => ports.now() + clockOffsetMs });
    this.connections.push(connection);
    return connection;
  }

  /** Parses steps as the runner does, under keys nobody used before. */
  parse(steps: readonly StepInput[]): ParsedStep[] {
    const key = randomUUID();
    return steps.map((step, index) => ({
      index,
      action: step.action,
      inputs: JsonValueObject.parse(this.action(step.action).inputs.parse(step.inputs)),
      idempotencyKey: `${key}:${index}`,
    }));
  }

  action(name: string): ActionDefinition {
    const action = this.harness.connector.actions.find((each) => each.name === name);
    if (action === undefined) throw new Error(`the connector has no action ${name}`);
    return action;
  }

  idempotency(name: string): Idempotency {
    return this.action(name).idempotency;
  }

  context(
    options: { signal?: AbortSignal; outputCapBytes?: number; acceptOutput?: boolean; action?: string } = {},
  ): HeardContext {
    const heard: { channel: string; text: string }[] = [];
    const cap = options.action === undefined ? 1_048_576 : this.action(options.action).outputCapBytes;
    return {
      heard,
      signal: options.signal ?? new AbortController().signal,
      outputCapBytes: options.outputCapBytes ?? cap,
      output: async (channel, text) => {
        heard.push({ channel, text });
        return options.acceptOutput ?? true;
      },
      progress: (message) => {
        heard.push({ channel: 'progress', text: message });
      },
    };
  }

  async close(): Promise<void> {
    for (const connection of this.connections) await connection.close();
    await this.target.tearDown();
  }
}

const JsonValueObject = {
  parse(value: unknown): ParsedStep['inputs'] {
    const parsed = stored(value);
    if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed)) {
      throw new TypeError('parsed inputs must be a JSON object');
    }
    return parsed;
  },
};

/** A value as the database gives it back; throws where it is not JSON. */
export function stored(value: unknown): Json {
  return JsonValue.parse(JSON.parse(JSON.stringify(JsonValue.parse(value))));
}
