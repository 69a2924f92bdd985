import type { Diff } from '@countersign/protocol';

/** The parts of a JVM that a diff shows; all of them stand in the plan's precondition too. */
export interface CollectedJvm {
  readonly pid: number;
  readonly name: string;
  readonly collector: string;
  readonly maxHeapBytes: number | null;
}

/** What a collection does to a JVM. It names no size in use, so it does not age. */
export function gcDiff(step: number, { pid, name, collector, maxHeapBytes }: CollectedJvm): Diff {
  const path = `jvms/${name}/${pid}`;
  const lines = [
    `--- ${path}`,
    `+++ ${path}`,
    '@@ heap @@',
    '-garbage: <kept until the collector runs>',
    '+garbage: <collected>',
    '-collections of the whole heap: <n>',
    '+collections of the whole heap: <n + 1>',
    ` collector: ${collector}`,
    ` largest heap: ${maxHeapBytes === null ? '<not told>' : `${Math.round(maxHeapBytes / 1024 ** 2)} MiB`}`,
    ' process: <the same>',
  ];
  return {
    step,
    path,
    summary: 'garbage collected: the program may stand still meanwhile',
    patch: `${lines.join('\n')}\n`,
  };
}
