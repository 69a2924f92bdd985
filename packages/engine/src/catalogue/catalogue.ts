import type { Clock, Reads, WorkerRecord } from '@countersign/kernel';
import type { ActionManifest, ConnectorManifest } from '@countersign/protocol';

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

  /** Workers that spoke recently; read at most every half second. */
  async workers(reads: Reads): Promise<readonly WorkerRecord[]> {
    const now = this.#clock.now();
    if (now - this.#readAt > this.#maxAgeMs || now < this.#readAt) {
      this.#workers = await reads.workers.list();
      this.#readAt = now;
    }
    return this.#workers.filter((worker) => now - worker.lastSeenAt <= this.#silenceMs);
  }

  /** The manifest of a connector that the server itself has, or undefined. */
  builtIn(connector: string): ConnectorManifest | undefined {
    return this.#builtIn.find((known) => known.connector === connector);
  }

  /** Every manifest there is now. */
  async manifests(reads: Reads): Promise<ConnectorManifest[]> {
    return [...this.#builtIn, ...(await this.workers(reads)).flatMap((worker) => worker.manifests)];
  }

  /** Who serves a target now, and the manifest of its connector; the server itself is called `server`. */
  async serving(
    reads: Reads,
    target: { name: string; connector: string },
  ): Promise<{ worker: string; manifest: ConnectorManifest }[]> {
    const own = this.builtIn(target.connector);
    if (own !== undefined) return [{ worker: 'server', manifest: own }];
    return (await this.workers(reads)).flatMap((worker) => {
      const serves = worker.targets.some(
        (offered) => offered.name === target.name && offered.connector === target.connector,
      );
      const manifest = worker.manifests.find((announced) => announced.connector === target.connector);
      return serves && manifest !== undefined ? [{ worker: worker.worker, manifest }] : [];
    });
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
