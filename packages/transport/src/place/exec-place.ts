import { z } from 'zod';
import { DockerEndpoint } from '../docker/docker-endpoint.ts';
import { SshSettings } from '../ssh/ssh-settings.ts';
import { PodPlace } from './pod-place.ts';

/** Name, id or beginning of the id of a container: never a path, never an option. */
export const ContainerName = z
  .string()
  .max(128)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'use the name or the id of a container');

/**
 * Where a connector's programs run: on the worker's machine (`{kind: 'local'}`, also if nothing is given), in a container
 * (`{kind: 'container', docker?, container}`; `docker` as in `DockerEndpoint`), in a pod
 * (`{kind: 'pod', kubeconfig | in_cluster, context?, namespace, pod, container?}`), or on another host
 * (`{kind: 'ssh', host, port?, user, identity_file, known_hosts_file}`).
 */
export const ExecPlace = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('local') }),
    z.strictObject({ kind: z.literal('container'), docker: DockerEndpoint.prefault({}), container: ContainerName }),
    PodPlace.extend({ kind: z.literal('pod') }),
    SshSettings.extend({ kind: z.literal('ssh') }),
  ])
  .default({ kind: 'local' });
export type ExecPlace = z.infer<typeof ExecPlace>;
