import type { WorkContext } from '@countersign/connector-kit';

/** Lines that are sent at once: enough to be quick, few enough to stop soon when the output is refused. */
const batchLines = 200;

/** Streams whole lines and keeps them for the artifact, as far as the output cap lets it. */
export async function keepLines(
  lines: readonly string[],
  context: WorkContext,
): Promise<{ content: Uint8Array; truncated: boolean }> {
  const kept: string[] = [];
  let sizeBytes = 0;
  for (let from = 0; from < lines.length; from += batchLines) {
    const batch: string[] = [];
    for (const line of lines.slice(from, from + batchLines)) {
      const whole = `${line}\n`;
      sizeBytes += Buffer.byteLength(whole);
      if (sizeBytes > context.outputCapBytes) break;
      batch.push(whole);
    }
    kept.push(...batch);
    const text = batch.join('');
    if (text !== '' && !(await context.output('stdout', text))) break;
    if (sizeBytes > context.outputCapBytes) break;
  }
  return { content: Buffer.from(kept.join(''), 'utf8'), truncated: kept.length < lines.length };
}
