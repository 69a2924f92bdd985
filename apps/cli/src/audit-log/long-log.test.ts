import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { leafHash, TreeHasher, utf8 } from '@countersign/evidence';
import { nodeSha256 } from '@countersign/evidence/node';
import { tempFolder } from '@countersign/testing';
import { expect, it } from 'vitest';
import { exportedLog } from './log-leaves.ts';
import { verifyLog } from './verify-log.ts';

const entries = Number(process.env['COUNTERSIGN_LOG_ENTRIES'] ?? 30_000);
const megabyte = 1024 * 1024;

/** An entry as long as real ones are. */
function lineOf(index: number): string {
  const detail = { bundle_id: `01a1fc2f-2b12-7378-8fe5-${String(index).padStart(12, '0')}`, state: 'x'.repeat(120) };
  return JSON.stringify({ schema: 'countersign.audit.v1', at: 1_764_000_000_000 + index, event: 'run.queued', detail });
}

it(`a log of ${entries} entries is verified in a stream, in memory that does not grow with it (DO-17)`, async () => {
  const file = join(tempFolder(), 'log.jsonl');
  const out = createWriteStream(file);
  const tree = new TreeHasher(nodeSha256);
  const half: { readonly size: number; root: Uint8Array } = { size: Math.floor(entries / 2), root: new Uint8Array() };
  for (let index = 0; index < entries; index += 1) {
    const line = lineOf(index);
    tree.add(leafHash(utf8(line), nodeSha256));
    if (tree.size === half.size) half.root = tree.root();
    if (!out.write(`${line}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
  const heads = [
    { from: 'half', ...half, inForce: true },
    { from: 'whole', size: entries, root: tree.root(), inForce: true },
  ];
  const before = process.memoryUsage().rss;
  const begun = performance.now();
  let told = 0;
  expect(await verifyLog(exportedLog(file), heads, () => (told += 1))).toBe(entries);
  const seconds = (performance.now() - begun) / 1000;
  const grown = (process.memoryUsage().rss - before) / megabyte;
  console.log(
    `${entries} entries, ${(out.bytesWritten / megabyte).toFixed(0)} MB, in ${seconds.toFixed(2)} s: ` +
      `${Math.round(entries / seconds)} a second; resident memory ${(before / megabyte).toFixed(0)} MB, grew by ${grown.toFixed(0)} MB`,
  );
  expect(told).toBeGreaterThan(1);
  expect(grown).toBeLessThan(200);
}, 300_000);
