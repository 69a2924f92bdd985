import type { Clock, Reads, WorkerRecord } from '@countersign/kernel';
import type { ActionManifest, ConnectorManifest } from '@countersign/protocol';

/** What live workers announced: who serves which target, and which actions there are. */
export class Catalogue {
  #workers: readonly WorkerRecord[] = [];
  #readAt = Number.NEGATIVE_INFINITY;
  readonly #clock: Clock;
  readonly #silenceMs: number;
  readonly #maxAgeMs: number;

  constructor(clock: Clock, silenceMs: number, maxAgeMs = 500) {
    this.#clock = clock;
    this.#silenceMs = silenceMs;
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

  /** The workers that serve a target now, and the manifest of its connector. */
  async serving(
    reads: Reads,
    target: { name: string; connector: string },
  ): Promise<{ worker: WorkerRecord; manifest: ConnectorManifest }[]> {
    return (await this.workers(reads)).flatMap((worker) => {
      const serves = worker.targets.some(
        (offered) => offered.name === target.name && offered.connector === target.connector,
      );
      const manifest = worker.manifests.find((announced) => announced.connector === target.connector);
      return serves && manifest !== undefined ? [{ worker, manifest }] : [];
    });
  }

  /** Every action that any live worker announces, by name. */
  async actions(reads: Reads): Promise<ActionManifest[]> {
    const byName = new Map<string, ActionManifest>();
    for (const worker of await this.workers(reads)) {
      for (const manifest of worker.manifests) {
        for (const action of manifest.actions) byName.set(action.name, action);
      }
    }
    return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
