import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** The image that `importDebianImage` makes: Debian with systemd, dbus, supervisor, init scripts and glibc. */
export const debianImage = 'countersign/debian:1';

/** Makes `debianImage` on the daemon behind the socket, from the archive of `scripts/make-debian-archive.sh`. */
export async function importDebianImage(socketPath: string, archive: string): Promise<string> {
  await execute('docker', [
    '-H',
    `unix://${socketPath}`,
    'import',
    '--change',
    'CMD ["/bin/sh"]',
    archive,
    debianImage,
  ]);
  return debianImage;
}
