import type { ParsedStep, ReadResult, WorkContext } from '@countersign/connector-kit';
import { requireService } from '../change/find-service.ts';
import type { Driver } from '../driver/driver.ts';
import type { Host } from '../host/host.ts';
import { StatusInputs } from '../manifest.ts';
import { lastLines } from './last-lines.ts';

/** Characters of one log line in the summary; the artifact holds them whole. */
const shownCharacters = 120;
const shownLines = 5;

/** The first bytes of a text, cut between characters. */
function cut(text: string, maxBytes: number): Uint8Array {
  const bytes = Buffer.from(text, 'utf8');
  let end = Math.min(maxBytes, bytes.length);
  while (end > 0 && end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
}

/** Shows one service: what it does now, how it got there, and the last lines of its log. */
export async function showStatus(
  host: Host,
  driver: Driver,
  step: ParsedStep,
  context: WorkContext,
): Promise<ReadResult> {
  const { service: asked } = StatusInputs.parse(step.inputs);
  const service = await requireService(driver, asked, context.signal);
  const lines = await lastLines(host, driver, service, context.signal);
  const log = `${lines.join('\n')}\n`;
  const content = cut(log, context.outputCapBytes);
  return {
    summary: {
      manager: driver.name,
      service: service.name,
      description: service.description.slice(0, 200),
      state: service.phase,
      native: service.native,
      pid: service.pid === 0 ? null : service.pid,
      started_at: service.startedAt,
      restarts_by_manager: service.restarts,
      last_end: service.exit,
      starts_with_machine: service.boot,
      cautions: [...service.cautions],
      running_dependents: service.dependents.slice(0, 20),
      last_log_lines: lines.slice(-shownLines).map((line) => line.slice(0, shownCharacters)),
    },
    artifacts: [
      { name: 'last-lines.log', mediaType: 'text/plain', content, truncated: content.length < Buffer.byteLength(log) },
    ],
  };
}
