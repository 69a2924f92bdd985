import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The environment variable by which `npm run test:live` hands its Docker socket to the live tests. */
export const dockerSocketVariable = 'COUNTERSIGN_TEST_DOCKER_SOCKET';

/** The socket path of the Docker that live tests use. Throws with the next step when there is none. */
export function dockerSocket(): string {
  const path = process.env[dockerSocketVariable];
  if (!path) throw new Error(`${dockerSocketVariable} is not set: run the live tests by "npm run test:live".`);
  return path;
}

/** The file beside the socket that says how the same daemon is reached over TLS. */
export const tlsFileName = 'tls.json';

/** Settings by which a connector reaches the tests' Docker over TCP with mutual TLS. */
export function dockerTlsSettings(): unknown {
  return JSON.parse(readFileSync(join(dirname(dockerSocket()), tlsFileName), 'utf8'));
}
