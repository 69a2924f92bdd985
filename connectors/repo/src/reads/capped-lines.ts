import type { Json, JsonObject } from '@countersign/protocol';

/** Rows as JSON lines, whole lines only, under a cap. */
export function cappedLines(rows: readonly Json[], capBytes: number): { content: Uint8Array; truncated: boolean } {
  const lines: string[] = [];
  let sizeBytes = 0;
  for (const row of rows) {
    const line = `${JSON.stringify(row)}\n`;
    sizeBytes += Buffer.byteLength(line);
    if (sizeBytes > capBytes) return { content: Buffer.from(lines.join('')), truncated: true };
    lines.push(line);
  }
  return { content: Buffer.from(lines.join('')), truncated: false };
}

const summaryBytes = 32_768;

/** As many first rows as a summary has room for. */
export function firstRows(rows: readonly JsonObject[], capBytes: number): JsonObject[] {
  let room = Math.min(summaryBytes, capBytes - 2048);
  const first: JsonObject[] = [];
  for (const row of rows) {
    room -= Buffer.byteLength(JSON.stringify(row)) + 1;
    if (room < 0) break;
    first.push(row);
  }
  return first;
}
