import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunningChild, residentMb } from '@countersign/testing';
import { median } from '../../../bench/harness/statistics.ts';

const everyMs = 1000;
const collectEveryMs = 2000;
/** Of its time that a process spends on collecting for us, at most. */
const collectingShare = 0.25;

/** Environment of a Node process that a MemoryWatch looks at: it says where its inspector listens, and lets little garbage lie. */
export const watchedEnv = { NODE_OPTIONS: '--inspect=127.0.0.1:0 --max-semi-space-size=4' } as const;

/**
 * Asks each second how much memory a Node process holds, and has it collect its garbage meanwhile: what V8 was in no hurry to
 * collect would look like growth, or hide it.
 */
export class MemoryWatch implements AsyncDisposable {
  readonly samplesMb: number[] = [];
  readonly #inspector: WebSocket;
  readonly #timer: NodeJS.Timeout;
  readonly #over = new AbortController();
  readonly #collecting: Promise<void>;

  private constructor(pid: number, inspector: WebSocket) {
    this.#inspector = inspector;
    this.#timer = setInterval(() => this.samplesMb.push(residentMb(pid)), everyMs);
    this.#collecting = this.#collect();
  }

  /** The process must have been started with `watchedEnv`. */
  static async of(process: RunningChild): Promise<MemoryWatch> {
    const [, url = ''] = await process.waitFor(/Debugger listening on (ws:\S+)/);
    const inspector = new WebSocket(url);
    await once(inspector, 'open');
    return new MemoryWatch(process.pid, inspector);
  }

  /** How much more it held in the second half than in the first, in MiB: by the medians, and by the least, which is without garbage. */
  grownMb(): { median: number; least: number } {
    const middle = Math.floor(this.samplesMb.length / 2);
    const [early, late] = [this.samplesMb.slice(0, middle), this.samplesMb.slice(middle)];
    return { median: median(late) - median(early), least: Math.min(...late) - Math.min(...early) };
  }

  async #collect(): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      const began = performance.now();
      this.#inspector.send(JSON.stringify({ id: 1, method: 'HeapProfiler.collectGarbage' }));
      await once(this.#inspector, 'message', { signal }).catch(() => undefined);
      const tookMs = performance.now() - began;
      await sleep(Math.max(collectEveryMs, tookMs / collectingShare - tookMs), undefined, { signal }).catch(
        () => undefined,
      );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#over.abort();
    await this.#collecting;
    this.#inspector.close();
  }
}
