import { Agent, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { readJson } from '@countersign/protocol';
import { z } from 'zod';
import { type Container, InfoAnswer, InspectAnswer, ListedContainer, type Version, VersionAnswer } from './answers.ts';
import { boundCall } from './bound-call.ts';
import { type DialRequest, dial, type Modem } from './dial.ts';
import { isUnknownContainer } from './errors.ts';
import { type LogQuery, type LogStream, openLogs } from './logs/open-logs.ts';

/** The Docker Engine API as far as the connector needs it; every call has a deadline and throws ConnectorError only. */
export interface DockerClient {
  readonly socket: string;
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

interface ModemSettings {
  readonly socketPath: string;
  readonly host: undefined;
  readonly timeout: undefined;
  readonly protocol: 'http';
  readonly agent: Agent;
}

/** The SDK brings SSH and gRPC with it, 2 MB and 25 MB of memory: only who asks a daemon something pays for them. */
async function loadModem(settings: ModemSettings): Promise<Modem> {
  const { default: Docker } = await import('dockerode');
  return new Docker(settings).modem;
}

/** A client for the daemon behind a Unix socket. Connects on each call. */
export function makeDockerClient(socket: string): DockerClient {
  const closed = new AbortController();
  // No kept-alive connection: a stale one could lose the answer to a restart.
  const agent = new Agent({ keepAlive: false });
  // Named as undefined because the SDK otherwise follows DOCKER_HOST to another daemon than the target's.
  const settings = { socketPath: socket, host: undefined, timeout: undefined, protocol: 'http' as const, agent };
  let modem: Promise<Modem> | undefined;
  const ask = async (request: DialRequest): Promise<IncomingMessage> => {
    modem ??= loadModem(settings);
    return await dial(await modem, request);
  };
  const askJson = async <Schema extends z.ZodType>(request: DialRequest, schema: Schema): Promise<z.output<Schema>> =>
    schema.parse(readJson(await text(await ask(request))));

  const read = <Answer>(what: string, signal: AbortSignal, call: (abortSignal: AbortSignal) => Promise<Answer>) =>
    boundCall({ what, socket, effect: 'none' }, { signal, closed: closed.signal, deadlineMs: answerMs }, call);
  const unlessUnknown = (cause: unknown): undefined => {
    if (isUnknownContainer(cause)) return undefined;
    throw cause;
  };

  return {
    socket,
    ping: (signal) =>
      read('answer a ping', signal, async (abortSignal) => {
        (await ask({ path: '/_ping', abortSignal })).destroy();
      }),
    version: (signal) =>
      read('tell its version', signal, (abortSignal) => askJson({ path: '/version', abortSignal }, VersionAnswer)),
    daemonId: (signal) =>
      read('tell its id', signal, async (abortSignal) => {
        const info = await askJson({ path: '/info', abortSignal }, InfoAnswer);
        return info.daemonId;
      }),
    list: (all, signal) =>
      read('list containers', signal, (abortSignal) =>
        askJson({ path: '/containers/json', query: { all }, abortSignal }, z.array(ListedContainer)),
      ),
    inspect: (reference, signal) =>
      read('inspect a container', signal, (abortSignal) =>
        askJson({ path: `/containers/${reference}/json`, abortSignal }, InspectAnswer).catch(unlessUnknown),
      ),
    openLogs: (id, query, signal) =>
      openLogs(id, query, AbortSignal.any([signal, closed.signal]), (request, abortSignal) =>
        read('open a log', signal, () => ask({ ...request, abortSignal })),
      ),
    restart: (id, stopTimeoutSeconds, signal) => {
      const deadlineMs = stopTimeoutSeconds * 1000 + restartSlackMs;
      const query = { t: stopTimeoutSeconds };
      return boundCall(
        { what: 'restart the container', socket, effect: 'maybe' },
        { signal, closed: closed.signal, deadlineMs },
        async (abortSignal) => {
          const request = { method: 'POST' as const, path: `/containers/${id}/restart`, query, abortSignal };
          const answer = await ask(request).catch(unlessUnknown);
          answer?.destroy();
          return answer !== undefined;
        },
      );
    },
    close: () => {
      closed.abort();
      agent.destroy();
    },
  };
}
