import { z } from 'zod';

/** Answer of GET /version. */
export const VersionAnswer = z
  .object({ Version: z.string(), ApiVersion: z.string() })
  .transform((answer) => ({ version: answer.Version, apiVersion: answer.ApiVersion }));
export type Version = z.infer<typeof VersionAnswer>;

/** The part of GET /info that identifies a daemon; the rest (proxy credentials among it) is dropped here. */
export const InfoAnswer = z.object({ ID: z.string().min(1) }).transform((answer) => ({ daemonId: answer.ID }));

const bareName = (name: string): string => name.replace(/^\//, '');

/** One container of GET /containers/json. Links add names with a further slash: the container's own has one. */
export const ListedContainer = z
  .looseObject({
    Id: z.string(),
    Names: z.array(z.string()).nullable(),
    Image: z.string(),
    State: z.string(),
    Status: z.string(),
    HostConfig: z.looseObject({ NetworkMode: z.string().optional() }).optional(),
  })
  .transform((raw) => ({
    id: raw.Id,
    name: bareName((raw.Names ?? []).find((name) => !name.slice(1).includes('/')) ?? raw.Id.slice(0, 12)),
    image: raw.Image,
    state: raw.State,
    status: raw.Status,
    networkMode: raw.HostConfig?.NetworkMode ?? '',
    raw,
  }));
export type ListedContainer = z.infer<typeof ListedContainer>;

/** Limits of a container. 0 means none; CPUs are in billionths. */
const Limits = z
  .object({
    Memory: z.int(),
    MemorySwap: z.int(),
    NanoCpus: z.int(),
    PidsLimit: z.int().nullish(),
  })
  .transform(({ Memory, MemorySwap, NanoCpus, PidsLimit }) => ({
    memory_bytes: Memory,
    memory_swap_bytes: MemorySwap,
    nano_cpus: NanoCpus,
    pids_limit: Math.max(PidsLimit ?? 0, 0),
  }));
export type Limits = z.infer<typeof Limits>;

const HostConfig = z.object({
  RestartPolicy: z.object({ Name: z.string(), MaximumRetryCount: z.int() }).nullish(),
  AutoRemove: z.boolean(),
  Links: z.array(z.string()).nullish(),
});

/** The parts of GET /containers/ID/json that the connector uses. Environment and command are dropped here. */
export const InspectAnswer = z
  .object({
    Id: z.string().min(1),
    Name: z.string(),
    Image: z.string(),
    RestartCount: z.int(),
    State: z.object({
      Status: z.string(),
      Pid: z.int(),
      ExitCode: z.int(),
      StartedAt: z.string(),
      FinishedAt: z.string(),
      Health: z.object({ Status: z.string() }).nullish(),
    }),
    HostConfig: z.unknown(),
    Config: z.object({ Image: z.string(), Tty: z.boolean(), Labels: z.record(z.string(), z.string()).nullish() }),
    NetworkSettings: z.object({ Networks: z.record(z.string(), z.unknown()).nullish() }),
  })
  .transform((answer) => {
    const host = HostConfig.parse(answer.HostConfig);
    const labels = answer.Config.Labels ?? {};
    return {
      id: answer.Id,
      name: bareName(answer.Name),
      imageDigest: answer.Image,
      imageName: answer.Config.Image,
      tty: answer.Config.Tty,
      restartPolicy: policyText(host.RestartPolicy),
      restartCount: answer.RestartCount,
      state: answer.State.Status,
      pid: answer.State.Pid,
      exitCode: answer.State.ExitCode,
      startedAt: answer.State.StartedAt,
      finishedAt: answer.State.FinishedAt,
      health: answer.State.Health?.Status ?? 'none',
      limits: Limits.parse(answer.HostConfig),
      networks: Object.keys(answer.NetworkSettings.Networks ?? {}).sort(),
      /** Started with `--rm`: gone once it stops. */
      autoRemove: host.AutoRemove,
      /** Links of the old kind, to single containers. */
      linked: (host.Links ?? []).length > 0,
      /** The tool that made it and may make it again: a Compose project or a Swarm service. */
      managedBy: managerOf(labels),
      /** The step that recreated it, as `stepLabel` says it. */
      stepMark: labels[stepLabel] ?? null,
    };
  });
export type Container = z.infer<typeof InspectAnswer>;

/** The label of a container that a step recreated: by it another worker finds it. */
export const stepLabel = 'countersign.step';

function managerOf(labels: Readonly<Record<string, string>>): string | null {
  const service = labels['com.docker.swarm.service.name'];
  if (service !== undefined) return `swarm service ${service}`;
  const project = labels['com.docker.compose.project'];
  return project === undefined ? null : `compose project ${project}`;
}

function policyText(policy: { Name: string; MaximumRetryCount: number } | null | undefined): string {
  if (!policy || policy.Name === '') return 'no';
  return policy.MaximumRetryCount > 0 ? `${policy.Name}:${policy.MaximumRetryCount}` : policy.Name;
}

const StringMap = z.record(z.string(), z.unknown()).nullish();
const Words = z.array(z.string()).nullish();

/** What an image gives to containers that do not say otherwise. */
export const ImageConfig = z.object({
  Env: Words,
  Cmd: Words,
  Entrypoint: Words,
  WorkingDir: z.string().nullish(),
  User: z.string().nullish(),
  ExposedPorts: StringMap,
  Volumes: StringMap,
  Labels: z.record(z.string(), z.string()).nullish(),
  StopSignal: z.string().nullish(),
  Healthcheck: z.unknown().optional(),
});
export type ImageConfig = z.infer<typeof ImageConfig>;

/** The parts of GET /images/REFERENCE/json that the connector uses. */
export const ImageAnswer = z
  .object({ Id: z.string().min(1), Config: ImageConfig.nullish() })
  .transform(({ Id, Config }) => ({ digest: Id, config: Config ?? ImageConfig.parse({}) }));
export type Image = z.infer<typeof ImageAnswer>;

/** Names of GET /images/json. */
export const ImageNames = z
  .array(z.object({ RepoTags: z.array(z.string()).nullish() }))
  .transform((images) => images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((name) => !name.includes('<none>')));

/** Answer of POST /containers/create. */
export const CreatedAnswer = z.object({ Id: z.string().min(1) }).transform(({ Id }) => Id);
