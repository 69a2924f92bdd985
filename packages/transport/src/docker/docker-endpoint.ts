import { z } from 'zod';
import { AbsolutePath, HostName, SshSettings } from '../ssh/ssh-settings.ts';

const defaultSocket = '/var/run/docker.sock';

const TlsSettings = z.strictObject({
  host: HostName,
  port: z.int().min(1).max(65_535).default(2376),
  server_name: HostName.optional().describe("The name in the daemon's certificate, if it is not `host`."),
  ca_file: AbsolutePath.describe("The authority that signed the daemon's certificate."),
  cert_file: AbsolutePath.describe("The worker's own certificate."),
  key_file: AbsolutePath.describe('Its private key.'),
});
export type TlsSettings = z.infer<typeof TlsSettings>;

const DockerSshSettings = SshSettings.extend({
  socket: AbsolutePath.default(defaultSocket).describe("Path of the daemon's Unix socket on that host."),
});

/** The ways to a Docker daemon. TCP without TLS is not among them: it is root on the host for whoever reaches it. */
export type DockerEndpoint =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'tls'; readonly tls: TlsSettings }
  | { readonly kind: 'ssh'; readonly ssh: SshSettings; readonly socket: string };

/**
 * Where a Docker daemon listens, as settings: `{socket?}` (a Unix socket here, `/var/run/docker.sock` if nothing is
 * given), `{tls: {host, port?, server_name?, ca_file, cert_file, key_file}}` (TCP, both sides prove who they are) or
 * `{ssh: {host, port?, user, identity_file, known_hosts_file, socket?}}` (the socket of another host). Files are
 * absolute paths on the worker's machine, read at each connection, so that renewed ones count at once.
 */
export const DockerEndpoint = z
  .strictObject({
    socket: z.string().min(1).optional().describe("Path of the daemon's Unix socket."),
    tls: TlsSettings.optional().describe('A daemon over TCP with mutual TLS.'),
    ssh: DockerSshSettings.optional().describe('The Unix socket of a daemon on a host that is reached by SSH.'),
  })
  .superRefine((given, context) => {
    const ways = Object.entries(given).filter(([, value]) => value !== undefined);
    for (const [way] of ways.slice(1)) {
      context.addIssue({ code: 'custom', path: [way], message: 'give one of socket, tls and ssh' });
    }
  })
  .transform(({ socket = defaultSocket, tls, ssh }): DockerEndpoint => {
    if (tls !== undefined) return { kind: 'tls', tls };
    if (ssh === undefined) return { kind: 'socket', path: socket };
    const { socket: remote, ...settings } = ssh;
    return { kind: 'ssh', ssh: settings, socket: remote };
  });
