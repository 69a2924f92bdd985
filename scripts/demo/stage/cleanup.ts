/** What is to be undone, last first; one that fails is told and does not keep the others. */
export interface Cleanup {
  add(what: string, undo: () => Promise<void>): void;
  /** Undoes all; answers what could not be undone. */
  run(): Promise<string[]>;
}

export function makeCleanup(): Cleanup {
  const entries: { what: string; undo: () => Promise<void> }[] = [];
  return {
    add: (what, undo) => void entries.push({ what, undo }),
    async run() {
      const left: string[] = [];
      for (let entry = entries.pop(); entry !== undefined; entry = entries.pop()) {
        const { what, undo } = entry;
        await undo().catch((error: unknown) => left.push(`${what}: ${error instanceof Error ? error.message : error}`));
      }
      return left;
    },
  };
}
