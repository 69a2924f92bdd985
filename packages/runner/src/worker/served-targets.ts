import { type AnyConnector, type ConnectedTarget, type ConnectorPorts, manifestOf } from '@countersign/connector-kit';
import {
  type AssignedAnswer,
  CodedError,
  type ConnectorManifest,
  coversAction,
  type PlanBody,
  type WorkerTarget,
} from '@countersign/protocol';

/** One target this worker holds the credentials of. */
export interface WorkerTargetConfig {
  readonly name: string;
  readonly connector: string;
  /** Parsed by the connector's own schema. */
  readonly config: unknown;
  /** This worker's own allowlist: `docker.logs`, `docker.*` or `*`. Left out, it does all of the connector's actions there. */
  readonly actions?: readonly string[] | undefined;
}

export type AssignedTarget = AssignedAnswer['targets'][number];

/** Whether this worker serves what the server assigns: its settings with secrets found, or a CodedError that says why not. */
export type AcceptTarget = (target: AssignedTarget) => WorkerTargetConfig;

/** A target with its open connection. */
export interface Connected {
  readonly connector: AnyConnector;
  readonly target: ConnectedTarget;
  readonly named: PlanBody['connector'];
  readonly allowed: readonly string[] | undefined;
}

interface Assigned {
  /** The assignment as it came, to see whether another is the same. */
  readonly text: string;
  readonly connector: string;
  readonly connected: Connected | null;
  readonly problem: string;
}

const readinessTimeoutMs = 5000;

/** What a worker serves: the targets of its own file for its whole life, and those that the server assigns and it accepts. */
export class ServedTargets {
  readonly #connectors: readonly AnyConnector[];
  readonly #ports: ConnectorPorts;
  readonly #own = new Map<string, Connected>();
  readonly #assigned = new Map<string, Assigned>();
  readonly #users = new Map<Connected, number>();
  readonly #retired = new Set<Connected>();

  /** Throws E_CONFIG where a target wants a connector that this worker does not have. */
  constructor(targets: readonly WorkerTargetConfig[], connectors: readonly AnyConnector[], ports: ConnectorPorts) {
    this.#connectors = connectors;
    this.#ports = ports;
    for (const target of targets) this.#own.set(target.name, this.#connect(target));
  }

  #connect({ name, connector: wanted, config, actions }: WorkerTargetConfig): Connected {
    const connector = this.#connectors.find((known) => known.name === wanted);
    if (connector === undefined) {
      throw new CodedError('E_CONFIG', `target "${name}" wants connector "${wanted}", which this worker does not have`);
    }
    const { version, hash } = manifestOf(connector);
    const named = { name: connector.name, version, manifest_hash: hash };
    return { connector, named, allowed: actions, target: connector.connect(config, this.#ports) };
  }

  get(name: string): Connected | undefined {
    return this.#own.get(name) ?? this.#assigned.get(name)?.connected ?? undefined;
  }

  /** Works with a connection, which stays open until then also where its target is changed or removed meanwhile. */
  async use(connected: Connected, work: () => Promise<void>): Promise<void> {
    this.#users.set(connected, (this.#users.get(connected) ?? 0) + 1);
    try {
      await work();
    } finally {
      const left = (this.#users.get(connected) ?? 1) - 1;
      if (left > 0) this.#users.set(connected, left);
      else {
        this.#users.delete(connected);
        if (this.#retired.delete(connected)) await connected.target.close();
      }
    }
  }

  async #retire(connected: Connected | null | undefined): Promise<void> {
    if (connected == null) return;
    if (this.#users.has(connected)) this.#retired.add(connected);
    else await connected.target.close();
  }

  #assign(target: AssignedTarget, accept: AcceptTarget): Assigned {
    const kept = { text: JSON.stringify(target), connector: target.connector };
    try {
      return { ...kept, connected: this.#connect(accept(target)), problem: '' };
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      const { next } = error.detail;
      const more = typeof next === 'string' ? `; ${next}` : '';
      return { ...kept, connected: null, problem: `${error.message}${more}` };
    }
  }

  /** Serves these beside its own and no others. What did not change keeps its connection; a name of its own file stays its own. */
  async take(targets: readonly AssignedTarget[], accept: AcceptTarget): Promise<void> {
    const wanted = targets.filter(({ name }) => !this.#own.has(name));
    for (const [name, standing] of [...this.#assigned]) {
      if (wanted.some((target) => target.name === name && JSON.stringify(target) === standing.text)) continue;
      this.#assigned.delete(name);
      await this.#retire(standing.connected);
    }
    for (const target of wanted) {
      if (!this.#assigned.has(target.name)) this.#assigned.set(target.name, this.#assign(target, accept));
    }
  }

  /** What it serves now, each target looked at over its real connection. */
  async readiness(): Promise<WorkerTarget[]> {
    const assigned = [...this.#assigned].map(
      async ([name, { connector, connected, problem }]): Promise<WorkerTarget> =>
        connected === null
          ? { name, connector, status: 'unavailable', message: problem }
          : await this.#look(name, connected),
    );
    const own = [...this.#own].map(([name, connected]) => this.#look(name, connected));
    return await Promise.all([...own, ...assigned]);
  }

  async #look(name: string, { connector, target, allowed }: Connected): Promise<WorkerTarget> {
    const actions = connector.actions.map((action) => action.name);
    return {
      name,
      connector: connector.name,
      ...(await target.readiness(AbortSignal.timeout(readinessTimeoutMs))),
      ...(allowed === undefined ? {} : { actions: actions.filter((action) => coversAction(allowed, action)) }),
    };
  }

  /** Manifests of the connectors that are used. */
  manifests(): ConnectorManifest[] {
    const used = [...this.#own.values(), ...[...this.#assigned.values()].flatMap(({ connected }) => connected ?? [])];
    return this.#connectors.filter((each) => used.some(({ connector }) => connector === each)).map(manifestOf);
  }

  async close(): Promise<void> {
    const assigned = [...this.#assigned.values()].flatMap(({ connected }) => connected ?? []);
    for (const { target } of [...this.#own.values(), ...assigned, ...this.#retired]) await target.close();
  }
}
