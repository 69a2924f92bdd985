import { fittingEntries, type ParsedStep, type ReadResult, type WorkContext } from '@countersign/connector-kit';
import type { JsonObject } from '@countersign/protocol';
import { type HeapInfo, readHeapInfo } from '../heap/heap-info.ts';
import { type Jvm, requireJvm } from '../jcmd/find-jvm.ts';
import type { Jcmd } from '../jcmd/jcmd.ts';
import { JvmInputs, ListInputs } from '../manifest.ts';
import { readThreadDump } from '../threads/thread-dump.ts';
import { summariseThreads } from '../threads/thread-summary.ts';
import { textArtifact } from './cut-artifact.ts';

const maxSummaryBytes = 64 * 1024;

/** Lists JVMs by pid. Under a cap both the summary and the artifact hold whole entries only. */
export async function listJvms(jcmd: Jcmd, step: ParsedStep, context: WorkContext): Promise<ReadResult> {
  const { name = '' } = ListInputs.parse(step.inputs);
  const found = (await jcmd.list(context.signal))
    .filter((jvm) => jvm.name.includes(name))
    .map((jvm) => ({ name: jvm.name, pid: String(jvm.pid) }));
  const shown = fittingEntries(found, Math.min(maxSummaryBytes, context.outputCapBytes / 2));
  const whole = fittingEntries(found, context.outputCapBytes);
  const truncated = whole.length < found.length;
  const content = Buffer.from(JSON.stringify(whole), 'utf8');
  return {
    summary: { count: found.length, jvms: shown, truncated: truncated || shown.length < found.length },
    artifacts: [{ name: 'jvms.json', mediaType: 'application/json', content, truncated }],
  };
}

function heapJson(heap: HeapInfo | undefined, { flags }: Jvm): JsonObject {
  if (heap === undefined) return { heap: null, collector: flags.collector };
  const { usedBytes, committedBytes, parts, metaspaceUsedBytes } = heap;
  return {
    collector: flags.collector,
    heap: {
      used_bytes: usedBytes,
      committed_bytes: committedBytes,
      max_bytes: flags.maxHeapBytes,
      parts: parts.map((part) => ({
        name: part.name,
        used_bytes: part.usedBytes,
        committed_bytes: part.committedBytes,
      })),
      metaspace_used_bytes: metaspaceUsedBytes,
    },
  };
}

function identityJson({ pid, name }: Jvm): JsonObject {
  return { jvm: name, pid };
}

/** Shows one JVM: version, uptime, threads, classes, heap, collections. */
export async function showStatus(
  jcmd: Jcmd,
  step: ParsedStep,
  nowMs: number,
  context: WorkContext,
): Promise<ReadResult> {
  const jvm = await requireJvm(jcmd, JvmInputs.parse(step.inputs).jvm, context.signal);
  const text = await jcmd.ask(jvm.pid, ['VM.version', 'VM.uptime', 'GC.heap_info'], context.signal);
  const [vm = '', version = ''] = text.split('\n');
  const { beganAt, threads, loadedClasses, collectors, lastCause } = jvm.counters;
  return {
    summary: {
      ...identityJson(jvm),
      vm: vm.slice(0, 200),
      version: version.slice(0, 100),
      started_at: new Date(beganAt).toISOString(),
      uptime_seconds: Math.max(0, Math.round((nowMs - beganAt) / 1000)),
      threads: { ...threads },
      loaded_classes: loadedClasses,
      ...heapJson(readHeapInfo(text), jvm),
      collections: collectors.map(({ name, collections, totalMs }) => ({
        name,
        count: collections,
        total_ms: totalMs,
      })),
      last_collection_because_of: lastCause,
    },
    artifacts: [textArtifact('status.txt', text, context.outputCapBytes)],
  };
}

/** Shows the heap of one JVM, without a collection. */
export async function showHeap(jcmd: Jcmd, step: ParsedStep, context: WorkContext): Promise<ReadResult> {
  const jvm = await requireJvm(jcmd, JvmInputs.parse(step.inputs).jvm, context.signal);
  const text = await jcmd.ask(jvm.pid, ['GC.heap_info'], context.signal);
  return {
    summary: { ...identityJson(jvm), ...heapJson(readHeapInfo(text), jvm) },
    artifacts: [textArtifact('heap-info.txt', text, context.outputCapBytes)],
  };
}

/** Reads what every thread of one JVM does. The program stands still while the JVM writes the dump. */
export async function dumpThreads(jcmd: Jcmd, step: ParsedStep, context: WorkContext): Promise<ReadResult> {
  const jvm = await requireJvm(jcmd, JvmInputs.parse(step.inputs).jvm, context.signal);
  const text = await jcmd.ask(jvm.pid, ['Thread.print -l'], context.signal);
  const artifact = textArtifact('threads.txt', text, context.outputCapBytes);
  return {
    summary: { ...identityJson(jvm), ...summariseThreads(readThreadDump(text)), truncated: artifact.truncated },
    artifacts: [artifact],
  };
}
