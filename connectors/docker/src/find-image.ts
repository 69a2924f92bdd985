import { nearestNames } from '@countersign/connector-kit';
import type { Image } from './answers.ts';
import type { DockerClient } from './client.ts';

/** What a reference names: an image that the daemon has, or nothing but these nearest names. */
export type FoundImage =
  | { readonly reference: string; readonly image: Image }
  | { readonly reference: string; readonly image: undefined; readonly nearest: readonly string[] };

/** Looks an image up on the daemon; no registry is asked. */
export async function findImage(client: DockerClient, reference: string, signal: AbortSignal): Promise<FoundImage> {
  const image = await client.image(reference, signal);
  if (image !== undefined) return { reference, image };
  return { reference, image, nearest: nearestNames(reference, await client.imageNames(signal)) };
}
