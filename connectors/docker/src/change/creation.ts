import { JsonObject, readJson } from '@countersign/protocol';
import { z } from 'zod';
import { ImageConfig, stepLabel } from '../answers.ts';

const Mount = z.looseObject({
  Type: z.string(),
  Name: z.string().optional(),
  Destination: z.string(),
  RW: z.boolean(),
});
const Endpoint = z.looseObject({
  IPAMConfig: z.unknown().optional(),
  Links: z.array(z.string()).nullish(),
  Aliases: z.array(z.string()).nullish(),
  DriverOpts: z.unknown().optional(),
});

/** The daemon's whole account of a container, as far as a copy of it is made of. Holds secrets: stays in memory. */
const Source = z.object({
  Id: z.string(),
  Config: ImageConfig.extend({ Hostname: z.string() }).catchall(z.unknown()),
  HostConfig: z.looseObject({
    NetworkMode: z.string(),
    Binds: z.array(z.string()).nullish(),
    Mounts: z.array(z.looseObject({ Target: z.string() })).nullish(),
  }),
  Mounts: z.array(Mount),
  NetworkSettings: z.object({ Networks: z.record(z.string(), Endpoint).nullish() }),
});

/** What `create` is told, and the networks that it has to be connected to before its start. */
export interface Creation {
  readonly body: JsonObject;
  readonly networks: readonly { readonly name: string; readonly endpoint: JsonObject }[];
}

/** Settings that a container has of its own where they are not those of its image. */
const ownFields = ['User', 'WorkingDir', 'StopSignal', 'Healthcheck'] as const;
const plainFields = ['Domainname', 'Tty', 'OpenStdin', 'StdinOnce', 'StopTimeout', 'Shell', 'NetworkDisabled'] as const;

const equal = (left: unknown, right: unknown): boolean =>
  JSON.stringify(left ?? null) === JSON.stringify(right ?? null);

function without(own: Readonly<Record<string, unknown>> | null | undefined, image: object | null | undefined): object {
  const given = new Map(Object.entries(image ?? {}));
  return Object.fromEntries(Object.entries(own ?? {}).filter(([key, value]) => !equal(given.get(key), value)));
}

/** An entrypoint of one's own takes the image's command away: then both are the container's own. */
function commandOf(own: ImageConfig, image: ImageConfig): Record<string, unknown> {
  if (!equal(own.Entrypoint, image.Entrypoint)) return { Entrypoint: own.Entrypoint, Cmd: own.Cmd };
  return equal(own.Cmd, image.Cmd) ? {} : { Cmd: own.Cmd };
}

/** Volumes that an image or `-v /path` made without a name: named by their id, so that the copy has the same data. */
function carriedVolumes({ HostConfig: host, Mounts }: z.infer<typeof Source>): Record<string, unknown>[] {
  const explicit = new Set([
    ...(host.Binds ?? []).map((bind) => bind.split(':')[1] ?? ''),
    ...(host.Mounts ?? []).map(({ Target }) => Target),
  ]);
  return Mounts.filter(({ Type, Name, Destination }) => Type === 'volume' && Name && !explicit.has(Destination)).map(
    ({ Name, Destination, RW }) => ({ Type: 'volume', Source: Name, Target: Destination, ReadOnly: !RW }),
  );
}

const builtIn = new Set(['default', 'bridge', 'host', 'none']);

function endpointsOf({ Id, HostConfig: host, NetworkSettings }: z.infer<typeof Source>): Creation['networks'] {
  if (host.NetworkMode.startsWith('container:')) return [];
  return Object.entries(NetworkSettings.Networks ?? {})
    .filter(([name]) => !builtIn.has(name))
    .map(([name, { IPAMConfig, Links, Aliases, DriverOpts }]) => {
      // Docker itself adds the short id as an alias; the copy gets its own.
      const aliases = (Aliases ?? []).filter((alias) => alias !== Id.slice(0, 12));
      return { name, endpoint: JsonObject.parse(compact({ IPAMConfig, Links, Aliases: aliases, DriverOpts })) };
    });
}

function compact(value: Record<string, unknown>): JsonObject {
  return JsonObject.parse(readJson(JSON.stringify(value)));
}

/**
 * How a container like another is made from another image: settings of its own are carried over, defaults of the old
 * image give way to those of the new one. `mark` is the label by which the copy is found again.
 */
export function creationOf(whole: JsonObject, oldImage: ImageConfig, image: string, mark: string): Creation {
  const source = Source.parse(whole);
  const { Config: own, HostConfig: host, Id } = source;
  const imageVariables = new Set(oldImage.Env ?? []);
  const endpoints = endpointsOf(source);
  const [first, ...others] = endpoints;
  const volumes = carriedVolumes(source);
  const body = compact({
    Image: image,
    ...Object.fromEntries(plainFields.map((field) => [field, own[field]])),
    ...Object.fromEntries(
      ownFields.filter((field) => !equal(own[field], oldImage[field])).map((field) => [field, own[field]]),
    ),
    ...(Id.startsWith(own.Hostname) ? {} : { Hostname: own.Hostname }),
    ...commandOf(own, oldImage),
    Env: (own.Env ?? []).filter((entry) => !imageVariables.has(entry)),
    ExposedPorts: without(own.ExposedPorts, oldImage.ExposedPorts),
    Volumes: without(own.Volumes, oldImage.Volumes),
    Labels: { ...without(own.Labels, oldImage.Labels), [stepLabel]: mark },
    HostConfig: {
      ...host,
      ContainerIDFile: undefined,
      ...(volumes.length === 0 ? {} : { Mounts: [...(host.Mounts ?? []), ...volumes] }),
    },
    // Older daemons take one network here; the others are connected before the start.
    ...(first === undefined ? {} : { NetworkingConfig: { EndpointsConfig: { [first.name]: first.endpoint } } }),
  });
  return { body, networks: others };
}
