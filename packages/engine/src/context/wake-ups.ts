/** Hints that something changed. They may be lost or repeated; whoever waits looks again after its timeout. */
export class WakeUps {
  readonly #waiting = new Map<string, Set<() => void>>();

  /** Wakes everyone who waits on a topic. */
  notify(topic: string): void {
    const waiters = this.#waiting.get(topic);
    if (waiters === undefined) return;
    this.#waiting.delete(topic);
    for (const wake of waiters) wake();
  }

  /** Resolves at the next notify, after `timeoutMs`, or on abort; never rejects. */
  wait(topic: string, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    return this.listen(topic, timeoutMs, signal).done;
  }

  /** Like `wait`, but listens from this call on, so that nothing between a look and the wait is missed. */
  listen(topic: string, timeoutMs: number, signal?: AbortSignal): { done: Promise<void>; stop(): void } {
    let finish: () => void = () => undefined;
    const done = new Promise<void>((resolve) => {
      const timer = setTimeout(() => finish(), timeoutMs);
      finish = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', finish);
        const waiters = this.#waiting.get(topic);
        waiters?.delete(finish);
        if (waiters?.size === 0) this.#waiting.delete(topic);
        resolve();
      };
      const waiters = this.#waiting.get(topic) ?? new Set();
      waiters.add(finish);
      this.#waiting.set(topic, waiters);
      if (signal?.aborted === true) finish();
      else signal?.addEventListener('abort', finish, { once: true });
    });
    return { done, stop: finish };
  }
}

/** Topic of an operation's and its run's own changes of state: without output, progress and steps. */
export function stateTopic(operationId: string): string {
  return `state:${operationId}`;
}
/** Topic of new claimable work. */
export const jobsTopic = 'jobs';
/** Topic of targets that were added, changed, removed or asked about. */
export const targetsTopic = 'targets';
/** Topic of drafts that a provider is to write. */
export const generateTopic = 'generate';
/** Topic of ended runs whose group may go on. */
export const wavesTopic = 'waves';
/** Topic of ended runs that want sealing. */
export const sealTopic = 'seal';
/** Topic of tokens that were revoked, and of sessions that ended. */
export const credentialsTopic = 'credentials';
