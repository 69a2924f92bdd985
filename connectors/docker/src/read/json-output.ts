import type { WorkContext } from '@countersign/connector-kit';
import type { Json } from '@countersign/protocol';

/** Streams JSON values, one a line, and keeps them for the artifact, as far as the output cap lets it: whole lines only. */
export class JsonOutput {
  truncated = false;
  private readonly kept: string[] = [];
  private keptBytes = 0;
  private readonly context: WorkContext;
  constructor(context: WorkContext) {
    this.context = context;
  }

  get sizeBytes(): number {
    return this.keptBytes;
  }

  /** `false` means the cap is reached and nothing more is taken. */
  async add(value: Json): Promise<boolean> {
    const line = `${JSON.stringify(value)}\n`;
    const sizeBytes = Buffer.byteLength(line);
    if (this.keptBytes + sizeBytes > this.context.outputCapBytes) {
      this.truncated = true;
      return false;
    }
    this.kept.push(line);
    this.keptBytes += sizeBytes;
    const accepted = await this.context.output('stdout', line);
    if (!accepted) this.truncated = true;
    return accepted;
  }

  artifact(name: string) {
    const content = Buffer.from(this.kept.join(''), 'utf8');
    return { name, mediaType: 'application/x-ndjson', content, truncated: this.truncated };
  }
}
