import type { ParsedStep, ReadResult, WorkContext } from '@countersign/connector-kit';
import { JsonObject, readJson } from '@countersign/protocol';
import { z } from 'zod';
import { InspectAnswer } from '../answers.ts';
import type { DockerClient } from '../client.ts';
import { missingError } from '../errors.ts';
import { findContainer } from '../find-container.ts';
import { InspectInputs } from '../manifest/look-actions.ts';
import { plainLabels, plainVariables, withheld } from './withheld.ts';

const Section = z.record(z.string(), z.unknown());
const Shown = z.looseObject({
  Config: Section,
  HostConfig: Section,
  Mounts: z.array(
    z.looseObject({
      Type: z.string(),
      Source: z.string().optional(),
      Name: z.string().optional(),
      Destination: z.string(),
      RW: z.boolean(),
    }),
  ),
  NetworkSettings: z.looseObject({
    Ports: z
      .record(z.string(), z.array(z.looseObject({ HostIp: z.string(), HostPort: z.string() })).nullish())
      .nullish(),
    Networks: z.record(z.string(), z.looseObject({ IPAddress: z.string().optional() })).nullish(),
  }),
});
type Shown = z.infer<typeof Shown>;

/** The daemon's account without what may be secret: values of variables, commands, health check, unknown labels, options of log drivers. */
export function withoutSecrets(whole: Shown): JsonObject {
  const { Config, HostConfig } = whole;
  return JsonObject.parse(
    readJson(
      JSON.stringify({
        ...whole,
        Path: withheld,
        Args: withheld,
        Config: {
          ...Config,
          Env: plainVariables(Config['Env']),
          Cmd: withheld,
          Entrypoint: withheld,
          Healthcheck: Config['Healthcheck'] === undefined ? undefined : withheld,
          Labels: plainLabels(Config['Labels']),
        },
        HostConfig: { ...HostConfig, LogConfig: withheld, Sysctls: undefined, StorageOpt: undefined },
      }),
    ),
  );
}

function mountsOf({ Mounts }: Shown) {
  return Mounts.map(({ Type, Source = '', Name, Destination, RW }) => ({
    type: Type,
    source: Name ?? Source,
    destination: Destination,
    writable: RW,
  }));
}

function portsOf({ NetworkSettings: { Ports } }: Shown): string[] {
  return Object.entries(Ports ?? {}).flatMap(([inside, bound]) =>
    (bound ?? []).map(({ HostIp, HostPort }) => `${HostIp}:${HostPort} -> ${inside}`),
  );
}

/** Shows how one container is set up and runs. The artifact is whole, or left out where it does not fit under the cap. */
export async function inspectContainer(
  client: DockerClient,
  step: ParsedStep,
  context: WorkContext,
): Promise<ReadResult> {
  const { container: reference } = InspectInputs.parse(step.inputs);
  const whole = await client.inspectWhole(reference, context.signal);
  if (whole === undefined) {
    const found = await findContainer(client, reference, context.signal);
    throw missingError(reference, found.container === undefined ? found.nearest : []);
  }
  const container = InspectAnswer.parse(whole);
  const shown = Shown.parse(whole);
  const content = Buffer.from(JSON.stringify(withoutSecrets(shown), null, 2), 'utf8');
  const truncated = content.length > context.outputCapBytes;
  return {
    summary: {
      container: container.name,
      container_id: container.id,
      image: container.imageName,
      image_digest: container.imageDigest,
      state: container.state,
      health: container.health,
      exit_code: container.exitCode,
      started_at: container.startedAt,
      finished_at: container.finishedAt,
      restart_policy: container.restartPolicy,
      restart_count: container.restartCount,
      limits: { ...container.limits },
      networks: container.networks,
      ports: portsOf(shown).slice(0, 50),
      mounts: mountsOf(shown).slice(0, 50),
      variables: plainVariables(shown.Config['Env'])
        .map((entry) => entry.replace(`=${withheld}`, ''))
        .slice(0, 100),
      managed_by: container.managedBy,
      truncated,
    },
    artifacts: [
      {
        name: 'inspect.json',
        mediaType: 'application/json',
        content: truncated ? content.subarray(0, context.outputCapBytes) : content,
        truncated,
      },
    ],
  };
}
