import type { Clock, Reads, WorkerRecord } from '@countersign/kernel';
import type { ActionManifest, ConnectorManifest, WorkerTarget } from '@countersign/protocol';

/** A worker that serves a target, and its connector's manifest with the actions that it does there. */
export interface Serving {
  readonly worker: string;
  readonly manifest: ConnectorManifest;
}

/** The manifest keeps its hash: it is the connector's, whoever leaves some of it out. */
function narrowed(manifest: ConnectorManifest, { actions }: WorkerTarget): ConnectorManifest {
  if (actions === undefined) return manifest;
  return { ...manifest, actions: manifest.actions.filter(({ name }) => actions.includes(name)) };
}

/** What live workers announced, and what the server itself has: who serves which target, and which actions there are. */
export class Catalogue {
  #workers: readonly WorkerRecord[] = [];
  #readAt = Number.NEGATIVE_INFINITY;
  readonly #clock: Clock;
  readonly #silenceMs: number;
  /** Connectors of the server's own: their targets are always served. */
  readonly #builtIn: readonly ConnectorManifest[];
  readonly #maxAgeMs: number;

  constructor(clock: Clock, silenceMs: number, builtIn: readonly ConnectorManifest[] = [], maxAgeMs = 500) {
    this.#clock = clock;
    this.#silenceMs = silenceMs;
    this.#builtIn = builtIn;
    this.#maxAgeMs = maxAgeMs;
  }

  /** Forgets what was read, after a registration in this process. */
  invalidate(): void {
    this.#readAt = Number.NEGATIVE_INFINITY;
  }

  /** Workers that ever registered; read at most every half second. */
  async known(reads: Reads): Promise<readonly WorkerRecord[]> {
    const now = this.#clock.now();
    if (now - this.#readAt > this.#maxAgeMs || now < this.#readAt) {
      this.#workers = await reads.workers.list();
      this.#readAt = now;
    }
    return this.#workers;
  }

  /** Workers that spoke recently. */
  async workers(reads: Reads): Promise<readonly WorkerRecord[]> {
    const now = this.#clock.now();
    return (await this.known(reads)).filter((worker) => now - worker.lastSeenAt <= this.#silenceMs);
  }

  /** The manifest of a connector that the server itself has, or undefined. */
  builtIn(connector: string): ConnectorManifest | undefined {
    return this.#builtIn.find((known) => known.connector === connector);
  }

  /** Every manifest there is now. */
  async manifests(reads: Reads): Promise<ConnectorManifest[]> {
    return [...this.#builtIn, ...(await this.workers(reads)).flatMap((worker) => worker.manifests)];
  }

  /**
   * Who serves a target now, and the manifest of its connector with the actions that this worker does there; the server itself
   * is called `server`. Whoever does most comes first.
   */
  async serving(reads: Reads, target: { name: string; connector: string }): Promise<Serving[]> {
    const own = this.builtIn(target.connector);
    if (own !== undefined) return [{ worker: 'server', manifest: own }];
    const serving = (await this.workers(reads)).flatMap((worker) => {
      const offered = worker.targets.find(
        ({ name, connector }) => name === target.name && connector === target.connector,
      );
      const manifest = worker.manifests.find((announced) => announced.connector === target.connector);
      return offered === undefined || manifest === undefined
        ? []
        : [{ worker: worker.worker, manifest: narrowed(manifest, offered) }];
    });
    return serving.sort((a, b) => b.manifest.actions.length - a.manifest.actions.length);
  }

  /** Every action that there is now, by name. */
  async actions(reads: Reads): Promise<ActionManifest[]> {
    const byName = new Map<string, ActionManifest>();
    for (const manifest of await this.manifests(reads)) {
      for (const action of manifest.actions) byName.set(action.name, action);
    }
    return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
