import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeTempFolder } from '../temp/temp-folder.ts';
import { callDocker } from './docker-api.ts';

const execute = promisify(execFile);

/** The image that `makeBusyboxImage` makes: a shell and busybox's applets, `CMD ["/bin/sh"]`. */
export const busyboxImage = 'countersign/busybox:1';

/** An image of a name and a command of its own. */
export interface NamedImage {
  readonly image: string;
  readonly command: readonly string[];
}

/** What a Kubernetes node runs beside the containers of each pod: here busybox, which sleeps. */
export const pauseImage: NamedImage = { image: 'local/pause:1', command: ['/bin/sleep', '2147483647'] };

/**
 * Makes `busyboxImage` on the daemon behind the socket, from Debian's busybox-static: no registry is asked. `copies` are further
 * images of the same files.
 */
export async function makeBusyboxImage(socketPath: string, copies: readonly NamedImage[] = []): Promise<string> {
  using folder = makeTempFolder();
  const root = join(folder.path, 'root');
  await execute('apt-get', ['download', 'busybox-static'], { cwd: folder.path });
  const [archive] = (await readdir(folder.path)).filter((name) => name.endsWith('.deb'));
  if (!archive) throw new Error('apt-get downloaded no busybox-static.');
  await execute('dpkg-deb', ['-x', join(folder.path, archive), join(folder.path, 'unpacked')]);
  await mkdir(join(root, 'tmp'), { recursive: true });
  await mkdir(join(root, 'bin'));
  const program = join(root, 'bin/busybox');
  await execute('cp', ['--', await unpackedProgram(join(folder.path, 'unpacked')), program]);
  await chmod(program, 0o755);
  const { stdout: applets } = await execute(program, ['--list']);
  for (const applet of applets.split('\n').filter((name) => name !== '' && name !== 'busybox'))
    await symlink('busybox', join(root, 'bin', applet));
  for (const each of [{ image: busyboxImage, command: ['/bin/sh'] }, ...copies])
    await importImage(socketPath, root, each);
  return busyboxImage;
}

/** Debian 12 has it in bin, later releases in usr/bin. */
async function unpackedProgram(unpacked: string): Promise<string> {
  const old = join(unpacked, 'bin/busybox');
  return access(old).then(
    () => old,
    () => join(unpacked, 'usr/bin/busybox'),
  );
}

async function importImage(socketPath: string, root: string, { image, command }: NamedImage): Promise<void> {
  const [repo = '', tag = ''] = image.split(':');
  const query = new URLSearchParams({ fromSrc: '-', repo, tag, changes: `CMD ${JSON.stringify(command)}` });
  const tar = spawn('tar', ['-C', root, '-c', '.'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const packed = once(tar, 'close');
  const answer = await callDocker(socketPath, 'POST', `/images/create?${query}`, tar.stdout);
  const [code] = await packed;
  // The API answers 200 before it has read the tar, so a failure stands in the body.
  if (code !== 0 || answer.includes('"error"')) throw new Error(`The busybox image was not imported: ${answer}`);
}
