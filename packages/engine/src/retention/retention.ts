import type { RetentionPass, StorageView } from '@countersign/protocol';
import type { EngineContext } from '../context/context.ts';
import { applyRetention, type RetentionCause, type RetentionSettings } from './apply-retention.ts';

const dayMs = 86_400_000;
const megabyte = 1_000_000;
const scaled = (value: number | null, unit: number): number | null => (value === null ? null : value / unit);

/** Retention of one server process: its settings and its last pass. */
export class Retention {
  readonly settings: RetentionSettings;
  #last: RetentionPass | null = null;
  #running: Promise<RetentionPass> | null = null;

  constructor(settings: RetentionSettings) {
    this.settings = settings;
  }

  /** Makes a pass, or joins the one that runs. */
  async apply(context: EngineContext, cause?: RetentionCause): Promise<RetentionPass> {
    this.#running ??= applyRetention(context, cause).finally(() => {
      this.#running = null;
    });
    this.#last = await this.#running;
    return this.#last;
  }

  /** How much is kept now. */
  async view(context: EngineContext): Promise<StorageView> {
    const usage = await context.store.read((reads) => reads.retention.usage());
    const amount = ({ count, sizeBytes }: { count: number; sizeBytes: number }) => ({ count, size_bytes: sizeBytes });
    const { artifactMs, artifactBytes, outputMs, outputBytes, rowMs } = this.settings;
    return {
      database_bytes: usage.databaseBytes,
      artifacts: amount(usage.artifacts),
      outputs: amount(usage.outputs),
      removed: amount(usage.removed),
      retention: {
        artifact_days: scaled(artifactMs, dayMs),
        artifact_mb: scaled(artifactBytes, megabyte),
        output_days: scaled(outputMs, dayMs),
        output_mb: scaled(outputBytes, megabyte),
        row_days: rowMs / dayMs,
      },
      last_pass: this.#last,
    };
  }
}
