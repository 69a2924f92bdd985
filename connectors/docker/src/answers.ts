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
    HostConfig: z.object({ RestartPolicy: z.object({ Name: z.string(), MaximumRetryCount: z.int() }).nullish() }),
    Config: z.object({ Image: z.string(), Tty: z.boolean() }),
  })
  .transform((answer) => ({
    id: answer.Id,
    name: bareName(answer.Name),
    imageDigest: answer.Image,
    imageName: answer.Config.Image,
    tty: answer.Config.Tty,
    restartPolicy: policyText(answer.HostConfig.RestartPolicy),
    restartCount: answer.RestartCount,
    state: answer.State.Status,
    pid: answer.State.Pid,
    exitCode: answer.State.ExitCode,
    startedAt: answer.State.StartedAt,
    finishedAt: answer.State.FinishedAt,
    health: answer.State.Health?.Status ?? 'none',
  }));
export type Container = z.infer<typeof InspectAnswer>;

function policyText(policy: { Name: string; MaximumRetryCount: number } | null | undefined): string {
  if (!policy || policy.Name === '') return 'no';
  return policy.MaximumRetryCount > 0 ? `${policy.Name}:${policy.MaximumRetryCount}` : policy.Name;
}
