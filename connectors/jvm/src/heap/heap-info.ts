/** Sizes of one part of the memory of a JVM, in bytes; null where the collector does not say it. */
export interface MemoryPart {
  readonly name: string;
  readonly usedBytes: number;
  readonly committedBytes: number | null;
}

/** What `GC.heap_info` says, in bytes. */
export interface HeapInfo {
  readonly usedBytes: number;
  readonly committedBytes: number | null;
  readonly parts: readonly MemoryPart[];
  /** Classes and their methods; null where the JVM does not print it. */
  readonly metaspaceUsedBytes: number | null;
}

const factors: Readonly<Record<string, number>> = { K: 1024, M: 1024 ** 2, G: 1024 ** 3, B: 1, '': 1 };

function bytes(number: string | undefined, unit: string | undefined): number {
  return Number(number ?? 0) * (factors[unit ?? ''] ?? 1);
}

/** `PSYoungGen      total 18944K, used 1638K [`; newer JVMs say `total reserved 65536K, committed 65536K, used 3788K`. */
const generation = /^\s?(\S[\w -]*?)\s+total (?:reserved \d+[KMG], committed )?(\d+)([KMG]), used (\d+)([KMG])/;
const zHeap = /^\s?(ZHeap)\s+used (\d+)([KMG]), capacity (\d+)([KMG])/;
const shenandoah = /^\s*\d+[KMG] max.*?(\d+)([KMG]) committed, (\d+)([KMG]) used/;
const metaspace = /^\s?Metaspace\s+used (\d+)([KMG])/;

function partOf(line: string): MemoryPart | undefined {
  const found = generation.exec(line);
  if (found !== null)
    return { name: found[1] ?? '', committedBytes: bytes(found[2], found[3]), usedBytes: bytes(found[4], found[5]) };
  const ofZ = zHeap.exec(line);
  if (ofZ !== null) return { name: 'ZHeap', usedBytes: bytes(ofZ[2], ofZ[3]), committedBytes: bytes(ofZ[4], ofZ[5]) };
  const ofShenandoah = shenandoah.exec(line);
  if (ofShenandoah === null) return undefined;
  const [, committed, committedUnit, used, usedUnit] = ofShenandoah;
  return { name: 'Shenandoah Heap', committedBytes: bytes(committed, committedUnit), usedBytes: bytes(used, usedUnit) };
}

/** Reads `GC.heap_info` of any collector; undefined if nothing in it is a heap. */
export function readHeapInfo(text: string): HeapInfo | undefined {
  const lines = text.split('\n');
  const parts = lines.flatMap((line) => partOf(line) ?? []);
  if (parts.length === 0) return undefined;
  const meta = lines.map((line) => metaspace.exec(line)).find((found) => found !== null);
  return {
    usedBytes: parts.reduce((sum, part) => sum + part.usedBytes, 0),
    committedBytes: parts.reduce((sum, part) => sum + (part.committedBytes ?? 0), 0),
    parts,
    metaspaceUsedBytes: meta === undefined ? null : bytes(meta[1], meta[2]),
  };
}
