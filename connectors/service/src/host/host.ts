import { createHash } from 'node:crypto';
import { ConnectorError, Programs } from '@countersign/connector-kit';

/** The machine, or the inside of a container, where the services run. All programs start here. */
export class Host extends Programs {
  /** Whether a folder is there. */
  async hasFolder(path: string, signal: AbortSignal): Promise<boolean> {
    const { code } = await this.look({ what: `look for ${path}`, file: 'test', args: ['-d', path], signal });
    return code === 0;
  }

  /** What stands in those of the files that can be read, one after the other; undefined if none can be. */
  async readFiles(paths: readonly string[], signal: AbortSignal): Promise<string | undefined> {
    if (paths.length === 0) return undefined;
    const { code, stdout } = await this.look({
      what: `read ${paths.join(', ')}`,
      file: 'cat',
      args: ['--', ...paths],
      signal,
    });
    return code === 0 || stdout !== '' ? stdout : undefined;
  }

  /** A name of this host that stays: its host name and its machine id, which copies of one image may share. */
  async identity(signal: AbortSignal): Promise<string> {
    const name = (await this.readFiles(['/proc/sys/kernel/hostname'], signal))?.trim() ?? '';
    const id = (await this.readFiles(['/etc/machine-id'], signal))?.trim() ?? '';
    if (name !== '') return /^[0-9a-f]{32}$/.test(id) ? `${name}/${id}` : name;
    throw new ConnectorError('E_TARGET_REFUSED', 'this host has no host name by which it could be told from others', {
      effect: 'none',
      detail: { next: 'give it one: /proc/sys/kernel/hostname is empty' },
    });
  }

  /** Tells one process from all others that had or will have its number: the boot, and the tick of its start. Empty if it is gone. */
  async processStart(pid: number, signal: AbortSignal): Promise<string> {
    if (pid <= 0) return '';
    const text = await this.readFiles([`/proc/${pid}/stat`, '/proc/sys/kernel/random/boot_id'], signal);
    return startToken(text ?? '');
  }
}

/** From the kernel's line on a process and the id of the boot; empty if there is no such process. */
export function startToken(text: string): string {
  // The second field is the program's name in parentheses, and may hold anything.
  const fields = /^\d+ \(.*\) (\S+(?: \S+)*)\n([0-9a-f-]{36})\s*$/s.exec(text);
  const [, rest = '', boot = ''] = fields ?? [];
  // Field 22 of proc(5), which is the 20th after the name.
  const ticks = rest.split(' ')[19];
  return ticks === undefined ? '' : `${boot.slice(0, 8)}.${ticks}`;
}

/** `sha256:<hex>` of a text. */
export function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text, 'utf8').digest('hex')}`;
}
