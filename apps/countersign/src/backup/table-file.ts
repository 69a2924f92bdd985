import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { CodedError, readJson } from '@countersign/protocol';
import type { Cell, TableDump } from '@countersign/store';
import { z } from 'zod';

/** Bytes are base64 in an object, because every other value is itself in JSON. */
const WrittenCell = z.union([z.string(), z.number(), z.null(), z.strictObject({ base64: z.base64() })]);
const WrittenRow = z.array(WrittenCell);
const Columns = z.array(z.string()).min(1);
/** Rows that are loaded at once. */
const pageRows = 500;

/** A written table. */
export interface WrittenTable {
  readonly rows: number;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/**
 * Writes a table as gzipped JSON lines: the names of the columns, then an array a row. Durable when it resolves.
 *
 * @param tell is called with the rows of each page as it is written.
 */
export async function writeTable(file: string, table: TableDump, tell: (rows: number) => void): Promise<WrittenTable> {
  const hash = createHash('sha256');
  let rows = 0;
  let sizeBytes = 0;
  async function* lines(): AsyncGenerator<string> {
    yield `${JSON.stringify(table.columns)}\n`;
    for await (const page of table.pages) {
      yield page.map((row) => `${JSON.stringify(row.map(written))}\n`).join('');
      rows += page.length;
      tell(page.length);
    }
  }
  async function* counted(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      yield chunk;
    }
  }
  const target = createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true });
  await pipeline(Readable.from(lines()), createGzip(), counted, target);
  return { rows, sha256: `sha256:${hash.digest('hex')}`, sizeBytes };
}

/** Reads a table back, a page at a time. Throws E_VALIDATION where the file is no table. */
export async function readTable(name: string, file: string): Promise<TableDump> {
  const lines = linesOf(file);
  const first = await lines.next();
  const columns = Columns.safeParse(first.done === true ? null : parse(first.value));
  if (!columns.success) throw damaged(file);
  return { name, columns: columns.data, pages: pages(file, lines, columns.data.length) };
}

function written(cell: Cell): z.infer<typeof WrittenCell> {
  return cell instanceof Uint8Array ? { base64: Buffer.from(cell).toString('base64') } : cell;
}

function parse(line: string): unknown {
  try {
    return readJson(line);
  } catch {
    return null;
  }
}

function damaged(file: string): CodedError {
  return new CodedError('E_VALIDATION', `${file} is no table of a backup`, { next: 'use another backup' });
}

async function* pages(file: string, lines: AsyncIterable<string>, width: number): AsyncGenerator<Cell[][]> {
  let page: Cell[][] = [];
  for await (const line of lines) {
    const row = WrittenRow.safeParse(parse(line));
    if (!row.success || row.data.length !== width) throw damaged(file);
    page.push(row.data.map(cellOf));
    if (page.length < pageRows) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

function cellOf(cell: z.infer<typeof WrittenCell>): Cell {
  return cell !== null && typeof cell === 'object' ? new Uint8Array(Buffer.from(cell.base64, 'base64')) : cell;
}

/** Lines by `\n` alone: `node:readline` would also break at U+2028, which JSON leaves as it is. */
async function* linesOf(file: string): AsyncGenerator<string> {
  const text = createReadStream(file).pipe(createGunzip()).setEncoding('utf8');
  let rest = '';
  try {
    for await (const chunk of text) {
      const parts = `${rest}${chunk}`.split('\n');
      rest = parts.pop() ?? '';
      yield* parts;
    }
  } catch {
    throw damaged(file);
  }
  if (rest !== '') throw damaged(file);
}
