import type { WorkContext } from '../connector/connector.ts';
import type { Channel, LogLine } from './log-line.ts';
import { LogSummary } from './log-summary.ts';

/** The first bytes of a text, cut between characters. */
function cutText(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text, 'utf8');
  let end = Math.min(Math.max(maxBytes, 0), bytes.length);
  while (end > 0 && end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}

/** Streams lines, keeps them for the artifact and sums them up, as far as the output cap lets it. */
export class LogOutput {
  readonly summary = new LogSummary();
  /** Whether lines were left out because the cap was reached. */
  truncated = false;
  private readonly kept: string[] = [];
  private keptBytes = 0;
  private readonly context: WorkContext;
  private readonly timestamps: boolean;
  constructor(context: WorkContext, timestamps: boolean) {
    this.context = context;
    this.timestamps = timestamps;
  }

  get sizeBytes(): number {
    return this.keptBytes;
  }

  /** Takes lines in order; `false` means the cap is reached and nothing more is taken. */
  async add(lines: readonly LogLine[]): Promise<boolean> {
    let channel: Channel = 'stdout';
    let batch = '';
    for (const line of lines) {
      if (line.channel !== channel) {
        if (!(await this.send(channel, batch))) return false;
        channel = line.channel;
        batch = '';
      }
      batch += this.keep(line);
      if (this.truncated) break;
    }
    return (await this.send(channel, batch)) && !this.truncated;
  }

  content(): Uint8Array {
    return Buffer.from(this.kept.join(''), 'utf8');
  }

  private keep(line: LogLine): string {
    const stamp = this.timestamps && line.time !== undefined ? `${line.time} ` : '';
    const whole = `${stamp}${line.text}\n`;
    const room = this.context.outputCapBytes - this.keptBytes;
    const text = Buffer.byteLength(whole) > room ? cutText(whole, room) : whole;
    if (text !== whole) this.truncated = true;
    if (text === '') return '';
    this.summary.add(line);
    this.kept.push(text);
    this.keptBytes += Buffer.byteLength(text);
    return text;
  }

  private async send(channel: Channel, text: string): Promise<boolean> {
    if (text === '') return true;
    const accepted = await this.context.output(channel, text);
    if (!accepted) this.truncated = true;
    return accepted;
  }
}
