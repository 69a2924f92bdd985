import type { ConnectorError } from '@countersign/connector-kit';
import { noAnswer, refused } from '../errors.ts';

const noSocket = /no such file|refused connection|SHUTDOWN_STATE|Connection reset/i;
const notAllowed = /PermissionError|Permission denied|requires authentication/i;

/** Why supervisorctl could ask nothing. It says so on stdout, under several exit codes. */
export function supervisorctlRefusal(said: string): ConnectorError | undefined {
  if (notAllowed.test(said)) {
    return refused(
      'supervisord does not permit this worker to ask it',
      said,
      'give the worker access to its socket (chown and chmod in [unix_http_server]), or run as root',
    );
  }
  if (noSocket.test(said)) {
    return noAnswer(
      'supervisord',
      said,
      'start it, or set supervisor_config in the config of the target to the file that names its socket',
    );
  }
  return /could not find config file|Error: /i.test(said)
    ? noAnswer('supervisord', said, 'set supervisor_config in the config of the target')
    : undefined;
}
