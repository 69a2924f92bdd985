import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { readJson } from '@countersign/protocol';
import { askDocker, type DockerEndpoint, type DockerRequest, openDialler } from '@countersign/transport';
import { z } from 'zod';
import { type Container, InfoAnswer, InspectAnswer, ListedContainer, type Version, VersionAnswer } from './answers.ts';
import { boundCall } from './bound-call.ts';
import { isUnknownContainer } from './errors.ts';
import { type LogQuery, type LogStream, openLogs } from './logs/open-logs.ts';

/** The Docker Engine API as far as the connector needs it; every call has a deadline and throws ConnectorError only. */
export interface DockerClient {
  /** Where the daemon is, for messages. */
  readonly where: string;
  ping(signal: AbortSignal): Promise<void>;
  version(signal: AbortSignal): Promise<Version>;
  daemonId(signal: AbortSignal): Promise<string>;
  list(all: boolean, signal: AbortSignal): Promise<ListedContainer[]>;
  /** `undefined` if no container has that name, id or beginning of an id. */
  inspect(reference: string, signal: AbortSignal): Promise<Container | undefined>;
  /** Lines with time stamps. `signal` bounds the stream too: its abort closes the connection. */
  openLogs(id: string, query: LogQuery, signal: AbortSignal): Promise<LogStream>;
  /** `false` if there is no such container; every other failure in mid-call leaves the effect open. */
  restart(id: string, stopTimeoutSeconds: number, signal: AbortSignal): Promise<boolean>;
  close(): void;
}

const answerMs = 10_000;
/** The daemon waits up to 10 s for a kill to take, then starts the container. */
const restartSlackMs = 30_000;

/** A client for the daemon behind an endpoint. Connects on each call; by SSH, all calls share the one connection to the host. */
export function makeDockerClient(endpoint: DockerEndpoint): DockerClient {
  const closed = new AbortController();
  const dialler = openDialler(endpoint);
  const { where } = dialler;
  const ask = (request: DockerRequest, signal: AbortSignal): Promise<IncomingMessage> =>
    askDocker(dialler, request, signal);
  const askJson = async <Schema extends z.ZodType>(
    request: DockerRequest,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<z.output<Schema>> => schema.parse(readJson(await text(await ask(request, signal))));

  const read = <Answer>(what: string, signal: AbortSignal, call: (abortSignal: AbortSignal) => Promise<Answer>) =>
    boundCall({ what, where, effect: 'none' }, { signal, closed: closed.signal, deadlineMs: answerMs }, call);
  const unlessUnknown = (cause: unknown): undefined => {
    if (isUnknownContainer(cause)) return undefined;
    throw cause;
  };

  return {
    where,
    ping: (signal) =>
      read('answer a ping', signal, async (abortSignal) => {
        (await ask({ path: '/_ping' }, abortSignal)).destroy();
      }),
    version: (signal) =>
      read('tell its version', signal, (abortSignal) => askJson({ path: '/version' }, VersionAnswer, abortSignal)),
    daemonId: (signal) =>
      read('tell its id', signal, async (abortSignal) => {
        const info = await askJson({ path: '/info' }, InfoAnswer, abortSignal);
        return info.daemonId;
      }),
    list: (all, signal) =>
      read('list containers', signal, (abortSignal) =>
        askJson({ path: '/containers/json', query: { all } }, z.array(ListedContainer), abortSignal),
      ),
    inspect: (reference, signal) =>
      read('inspect a container', signal, (abortSignal) =>
        askJson({ path: `/containers/${reference}/json` }, InspectAnswer, abortSignal).catch(unlessUnknown),
      ),
    openLogs: (id, query, signal) =>
      openLogs(id, query, AbortSignal.any([signal, closed.signal]), (request, abortSignal) =>
        read('open a log', signal, () => ask(request, abortSignal)),
      ),
    restart: (id, stopTimeoutSeconds, signal) => {
      const deadlineMs = stopTimeoutSeconds * 1000 + restartSlackMs;
      const query = { t: stopTimeoutSeconds };
      return boundCall(
        { what: 'restart the container', where, effect: 'maybe' },
        { signal, closed: closed.signal, deadlineMs },
        async (abortSignal) => {
          const request = { method: 'POST' as const, path: `/containers/${id}/restart`, query };
          const answer = await ask(request, abortSignal).catch(unlessUnknown);
          answer?.destroy();
          return answer !== undefined;
        },
      );
    },
    close: () => {
      closed.abort();
      dialler.close();
    },
  };
}
