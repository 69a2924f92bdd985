import { ConnectorError, fingerprint } from '@countersign/connector-kit';
import type { Precondition } from '@countersign/protocol';
import { z } from 'zod';
import type { Container, Image } from './answers.ts';
import type { Found } from './find-container.ts';
import type { FoundImage } from './find-image.ts';

/** What a plan depends on at a container. Its settings cannot change without another id, but for these. */
export const ObservedContainer = z.strictObject({
  exists: z.literal(true),
  id: z.string(),
  name: z.string(),
  image: z.string(),
  image_digest: z.string(),
  restart_policy: z.string(),
  state: z.string(),
  limits: z.strictObject({
    memory_bytes: z.int(),
    memory_swap_bytes: z.int(),
    nano_cpus: z.int(),
    pids_limit: z.int(),
  }),
  networks: z.array(z.string()),
});
export type ObservedContainer = z.infer<typeof ObservedContainer>;

/** What a plan depends on at an image: the defaults that it gives to containers. Of its variables, the names. */
export const ObservedImage = z.strictObject({
  exists: z.literal(true),
  reference: z.string(),
  digest: z.string(),
  command: z.array(z.string()),
  entrypoint: z.array(z.string()),
  working_dir: z.string(),
  user: z.string(),
  ports: z.array(z.string()),
  volumes: z.array(z.string()),
  stop_signal: z.string(),
  health_check: z.boolean(),
  variables: z.array(z.string()),
});
export type ObservedImage = z.infer<typeof ObservedImage>;

/** The observed part of a container. */
export function observedContainer(container: Container): ObservedContainer {
  const { id, name, imageDigest, imageName, restartPolicy, state, limits, networks } = container;
  return {
    ...{ exists: true, id, name, image: imageName, image_digest: imageDigest },
    ...{ restart_policy: restartPolicy, state, limits, networks },
  };
}

/** The observed part of an image, under the name that it was looked up by. */
export function observedImage(reference: string, { digest, config }: Image): ObservedImage {
  return {
    exists: true,
    reference,
    digest,
    command: config.Cmd ?? [],
    entrypoint: config.Entrypoint ?? [],
    working_dir: config.WorkingDir ?? '',
    user: config.User ?? '',
    ports: Object.keys(config.ExposedPorts ?? {}).sort(),
    volumes: Object.keys(config.Volumes ?? {}).sort(),
    stop_signal: config.StopSignal ?? '',
    health_check: config.Healthcheck !== undefined && config.Healthcheck !== null,
    variables: (config.Env ?? []).map((entry) => entry.split('=', 1)[0] ?? '').sort(),
  };
}

/** The precondition of a container; that one is missing is a precondition too. */
export function containerPrecondition(found: Found): Precondition {
  const observed = found.container === undefined ? { exists: false } : observedContainer(found.container);
  const resource = `containers/${found.container?.name ?? found.reference}`;
  return { resource, kind: 'docker.container', fingerprint: fingerprint(observed), observed };
}

/** The precondition of an image. */
export function imagePrecondition(found: FoundImage): Precondition {
  const observed = found.image === undefined ? { exists: false } : observedImage(found.reference, found.image);
  const resource = `images/${found.reference}`;
  return { resource, kind: 'docker.image', fingerprint: fingerprint(observed), observed };
}

function missing(index: number, what: string): ConnectorError {
  return new ConnectorError('E_TARGET_MISSING', `step ${index}: the plan holds no observation of ${what}`, {
    effect: 'none',
    detail: { next: 'verify the bundle: its plan names everything that it depends on' },
  });
}

/** Everything that diffs are made of, as the preconditions hold it: a plan and its replay read the same. */
export class Facts {
  private readonly containers: readonly ObservedContainer[];
  private readonly images: readonly ObservedImage[];
  constructor(preconditions: readonly Precondition[]) {
    this.containers = preconditions.flatMap(({ observed }) => ObservedContainer.safeParse(observed).data ?? []);
    this.images = preconditions.flatMap(({ observed }) => ObservedImage.safeParse(observed).data ?? []);
  }

  /** The container of a name or a beginning of an id; undefined if it was not there. */
  container(reference: string): ObservedContainer | undefined {
    return (
      this.containers.find(({ name }) => name === reference) ??
      this.containers.find(({ id }) => id.startsWith(reference))
    );
  }

  requireContainer(reference: string, index: number): ObservedContainer {
    const found = this.container(reference);
    if (found === undefined) throw missing(index, reference);
    return found;
  }

  image(reference: string): ObservedImage | undefined {
    return this.images.find((each) => each.reference === reference);
  }
}
