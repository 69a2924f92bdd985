import { accept, type BackupView, CodedError, type Outcome, refuse } from '@countersign/protocol';
import { recordAlone } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';

/** What a backup that stands holds. */
export interface BackupSummary {
  readonly rows: number;
  readonly sizeBytes: number;
  readonly treeSize: number;
  /** Digest of its `backup.json`. */
  readonly manifestHash: string;
}

/** How far a backup is. */
export type BackupProgress = Pick<BackupSummary, 'rows' | 'sizeBytes'> & { readonly message: string };

/** Where backups are written. */
export interface BackupFolder {
  /** A name that no backup has, and the folder it will have. */
  nextName(at: number): Promise<{ readonly name: string; readonly folder: string }>;
  /** Writes a whole backup, durable when it resolves. What it breaks off leaves nothing under that name. */
  write(name: string, at: number, tell: (progress: BackupProgress) => void): Promise<BackupSummary>;
  /** Backups that stand whole, newest first. */
  list(): Promise<readonly BackupView[]>;
}

/** The backups of one server process: at most one runs at a time. */
export class Backups {
  readonly #folder: BackupFolder;
  /** The last that this process began. */
  #last: BackupView | null = null;
  #busy = false;
  #running: Promise<void> = Promise.resolve();

  constructor(folder: BackupFolder) {
    this.#folder = folder;
  }

  /** The one that runs or failed, and all that stand. */
  async list(): Promise<readonly BackupView[]> {
    const standing = await this.#folder.list();
    const last = this.#last;
    return last === null || standing.some(({ name }) => name === last.name) ? standing : [last, ...standing];
  }

  /** Begins one in the background. Refuses with E_STATE while another runs. */
  async begin(context: EngineContext, caller: Caller): Promise<Outcome<BackupView>> {
    if (this.#busy) {
      return refuse('E_STATE', 'a backup is running', {
        next: 'wait for it: GET /v1/dev/backups tells how far it is',
      });
    }
    this.#busy = true;
    const startedAt = context.clock.now();
    try {
      const begun: BackupView = {
        ...(await this.#folder.nextName(startedAt)),
        state: 'running',
        started_at: startedAt,
        ended_at: null,
        rows: 0,
        size_bytes: 0,
        tree_size: 0,
        message: 'begins',
      };
      this.#last = begun;
      this.#running = this.#carryOut(context, caller, begun).finally(() => {
        this.#busy = false;
      });
      return accept(begun);
    } catch (error) {
      this.#busy = false;
      throw error;
    }
  }

  /** Resolves when none runs any more. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #carryOut(context: EngineContext, caller: Caller, begun: BackupView): Promise<void> {
    const fact = {
      actor: actorOf(caller.principal),
      subject: { kind: 'installation', id: context.settings.installation } as const,
      correlationId: caller.correlationId,
    };
    try {
      const made = await this.#folder.write(begun.name, begun.started_at, ({ rows, sizeBytes, message }) => {
        this.#last = { ...begun, rows, size_bytes: sizeBytes, message };
      });
      await recordAlone(context, {
        ...fact,
        event: 'backup.made',
        outcome: 'ok',
        detail: { name: begun.name, rows: made.rows, tree_size: made.treeSize, manifest_hash: made.manifestHash },
      });
      this.#last = {
        ...begun,
        state: 'complete',
        ended_at: context.clock.now(),
        rows: made.rows,
        size_bytes: made.sizeBytes,
        tree_size: made.treeSize,
        message: 'complete',
      };
    } catch (error) {
      const message = error instanceof CodedError ? error.message : 'it could not be written; see the server log';
      this.#last = { ...begun, state: 'failed', ended_at: context.clock.now(), message };
      // Where the database is what failed, this fails as well, and the list still tells.
      await recordAlone(context, {
        ...fact,
        event: 'backup.failed',
        outcome: 'failed',
        detail: { name: begun.name, message },
      }).catch(() => undefined);
    }
  }
}
