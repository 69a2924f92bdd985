import type { WorkContext } from '../connector/connector.ts';
import { CappedText } from './capped-text.ts';
import type { Channel, LogLine } from './log-line.ts';
import { LogSummary } from './log-summary.ts';

/** Streams lines, keeps them for the artifact and sums them up, as far as the output cap lets it. */
export class LogOutput {
  readonly summary = new LogSummary();
  /** Whether lines were left out because the cap was reached. */
  truncated = false;
  private readonly kept: CappedText;
  private takenBytes = 0;
  private readonly context: WorkContext;
  private readonly timestamps: boolean;
  constructor(context: WorkContext, timestamps: boolean) {
    this.context = context;
    this.timestamps = timestamps;
    this.kept = new CappedText(context.outputCapBytes);
  }

  get sizeBytes(): number {
    return this.kept.sizeBytes;
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
      batch += this.take(line);
      if (this.takenBytes > this.context.outputCapBytes) break;
    }
    return await this.send(channel, batch);
  }

  content(): Uint8Array {
    return this.kept.content();
  }

  /** The text of a line, which is counted if any of it is kept. */
  private take(line: LogLine): string {
    const stamp = this.timestamps && line.time !== undefined ? `${line.time} ` : '';
    const text = `${stamp}${line.text}\n`;
    if (this.takenBytes < this.context.outputCapBytes) this.summary.add(line);
    this.takenBytes += Buffer.byteLength(text);
    return text;
  }

  /** Lines go out whole: the runner cuts the stream at the cap, and says there that it did. */
  private async send(channel: Channel, text: string): Promise<boolean> {
    if (text === '') return true;
    const whole = this.kept.add(text);
    const accepted = await this.context.output(channel, text);
    this.truncated = !whole || !accepted;
    return !this.truncated;
  }
}
