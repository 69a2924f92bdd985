import { ContainerName } from '@countersign/transport';
import { z } from 'zod';

export const second = 1000;
export const mebibyte = 1024 * 1024;

/** An input that names a container. */
export const ContainerReference = ContainerName.meta({
  description: 'Name, id, or unambiguous beginning of the id.',
  'x-entity': 'container',
});

/** How long a container may take to stop by itself. */
export const StopTimeoutSeconds = z
  .int()
  .min(0)
  .max(300)
  .default(10)
  .describe('Seconds to stop by itself before it is killed.');

/** Repository with tag or digest, or the id of an image: never a path that leads elsewhere, never an option. */
export const ImageReference = z
  .string()
  .max(256)
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9_:@-]|[./](?![./]))*$/, 'use an image as docker writes it, such as nginx:1.27')
  .describe('An image that the daemon has, such as nginx:1.27.');
