import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Tally } from '@countersign/evidence';
import {
  AuditBody,
  CodedError,
  JsonObject,
  type MeasuresQuery,
  type MeasuresView,
  readJson,
} from '@countersign/protocol';

/** A line is an entry, or a leaf as `GET /v1/audit/leaves` gives it. */
function entryOf(line: string, number: number, path: string): AuditBody {
  try {
    const value = JsonObject.parse(readJson(line));
    const { text } = value;
    return AuditBody.parse(typeof text === 'string' ? readJson(text) : value);
  } catch (cause) {
    const next = 'give one audit entry or leaf a line, in the order of the log';
    throw new CodedError(
      'E_VALIDATION',
      `${path}, line ${number}: not an audit entry`,
      { field: '--log', next },
      { cause },
    );
  }
}

/**
 * Computes the measures from a file of audit entries, JSON lines in the order of the log, with no server. "Now" is the time
 * of the newest entry. Reads line by line, so the file may be of any size.
 */
export async function measureLog(path: string, query: MeasuresQuery): Promise<MeasuresView> {
  const tally = new Tally(query);
  let newest = 0;
  let number = 0;
  const input = createReadStream(path, 'utf8');
  const opened = new Promise<void>((resolve, reject) => {
    input.once('open', () => resolve());
    input.once('error', (cause) =>
      reject(new CodedError('E_VALIDATION', `cannot read ${path}`, { field: '--log' }, { cause })),
    );
  });
  await opened;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    if (line.trim() === '') continue;
    const body = entryOf(line, number, path);
    newest = Math.max(newest, body.at);
    tally.add(body);
  }
  return tally.view(newest);
}
