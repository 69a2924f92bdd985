import { busyboxImage, makeBusyboxImage, pauseImage } from '@countersign/testing';
import type { Ground, Missing } from '../part/part.ts';
import { type Daemon, docker } from './docker-daemon.ts';

/** The image of the sample app; made where the daemon has none, and then removed when the demo is over. */
export async function sampleImage({ socket, own }: Daemon, { cleanup, signal }: Ground): Promise<string | Missing> {
  const known = await docker(socket, ['images', '--quiet', busyboxImage], signal);
  if (known !== '') return busyboxImage;
  try {
    await makeBusyboxImage(socket, own ? [pauseImage] : []);
  } catch (error) {
    const [why] = (error instanceof Error ? error.message : String(error)).split('\n');
    return {
      missing: `the sample app's image cannot be made of Debian's busybox-static (${why})`,
      next: 'apt-get update',
    };
  }
  if (!own) cleanup.add(busyboxImage, async () => void (await docker(socket, ['rmi', busyboxImage])));
  return busyboxImage;
}
