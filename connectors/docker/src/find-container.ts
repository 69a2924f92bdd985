import { nearestNames } from '@countersign/connector-kit';
import type { Container } from './answers.ts';
import type { DockerClient } from './client.ts';
import { missingError } from './errors.ts';

/** What a reference names: a container, or nothing but these nearest names. */
export type Found =
  | { readonly reference: string; readonly container: Container }
  | { readonly reference: string; readonly container: undefined; readonly nearest: readonly string[] };

/** Looks a container up by name or id. */
export async function findContainer(client: DockerClient, reference: string, signal: AbortSignal): Promise<Found> {
  const container = await client.inspect(reference, signal);
  if (container !== undefined) return { reference, container };
  const listed = await client.list(true, signal);
  const nearest = nearestNames(
    reference,
    listed.map(({ name }) => name),
  );
  return { reference, container, nearest };
}

/** Looks a container up; throws E_TARGET_MISSING with the nearest names if there is none. */
export async function requireContainer(
  client: DockerClient,
  reference: string,
  signal: AbortSignal,
): Promise<Container> {
  const found = await findContainer(client, reference, signal);
  if (found.container === undefined) throw missingError(reference, found.nearest);
  return found.container;
}
