import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { JsonObject, readJson } from '@countersign/protocol';
import { askDocker, type DockerEndpoint, type DockerRequest, openDialler } from '@countersign/transport';
import { z } from 'zod';
import {
  type Container,
  CreatedAnswer,
  type Image,
  ImageAnswer,
  ImageNames,
  InfoAnswer,
  InspectAnswer,
  ListedContainer,
  type Version,
  VersionAnswer,
} from './answers.ts';
import { boundCall } from './bound-call.ts';
import { isUnknownContainer, isUnknownImage } from './errors.ts';
import { type DaemonStream, openStream } from './open-stream.ts';

/** The Docker Engine API as far as the connector needs it; every call has a deadline and throws ConnectorError only. */
export interface DockerClient {
  /** Where the daemon is, for messages. */
  readonly where: string;
  ping(signal: AbortSignal): Promise<void>;
  version(signal: AbortSignal): Promise<Version>;
  daemonId(signal: AbortSignal): Promise<string>;
  list(all: boolean, signal: AbortSignal): Promise<ListedContainer[]>;
  /** Containers with this label, running or not. */
  labelled(label: string, signal: AbortSignal): Promise<ListedContainer[]>;
  /** `undefined` if no container has that name, id or beginning of an id. */
  inspect(reference: string, signal: AbortSignal): Promise<Container | undefined>;
  /** The daemon's own answer, environment and command included: never shown, never kept. */
  inspectWhole(reference: string, signal: AbortSignal): Promise<JsonObject | undefined>;
  image(reference: string, signal: AbortSignal): Promise<Image | undefined>;
  imageNames(signal: AbortSignal): Promise<string[]>;
  /** An answer that goes on: a log, events, measures. `signal` bounds the stream too: its abort closes the connection. */
  open(what: string, request: DockerRequest, signal: AbortSignal): Promise<DaemonStream>;
  /** `false` if there is no such container; every other failure in mid-call leaves the effect open. */
  restart(id: string, stopTimeoutSeconds: number, signal: AbortSignal): Promise<boolean>;
  stop(id: string, stopTimeoutSeconds: number, signal: AbortSignal): Promise<boolean>;
  start(id: string, signal: AbortSignal): Promise<boolean>;
  update(id: string, changes: JsonObject, signal: AbortSignal): Promise<boolean>;
  rename(id: string, name: string, signal: AbortSignal): Promise<boolean>;
  /** Makes a container, which is not started; answers its id. */
  create(name: string, body: JsonObject, signal: AbortSignal): Promise<string>;
  connectNetwork(network: string, body: JsonObject, signal: AbortSignal): Promise<void>;
  /** Removes a container that was never started. */
  discard(id: string, signal: AbortSignal): Promise<void>;
  close(): void;
}

const answerMs = 10_000;
/** The daemon waits up to 10 s for a kill to take, then starts the container. */
const slackMs = 30_000;

/** A client for the daemon behind an endpoint. Connects on each call; by SSH, all calls share the one connection to the host. */
export function makeDockerClient(endpoint: DockerEndpoint): DockerClient {
  const closed = new AbortController();
  const dialler = openDialler(endpoint);
  const { where } = dialler;

  const bounded = <Answer>(
    call: { what: string; effect: 'none' | 'maybe'; deadlineMs: number },
    signal: AbortSignal,
    ask: (signal: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> =>
    boundCall({ ...call, where }, { signal, closed: closed.signal, deadlineMs: call.deadlineMs }, ask);

  const read = <Schema extends z.ZodType>(
    what: string,
    request: DockerRequest,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<z.output<Schema>> =>
    bounded({ what, effect: 'none', deadlineMs: answerMs }, signal, async (inner) =>
      schema.parse(readJson(await text(await askDocker(dialler, request, inner)))),
    );

  /** Reads what may not be there. */
  const find = <Schema extends z.ZodType>(
    what: string,
    request: DockerRequest,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<z.output<Schema> | undefined> =>
    bounded({ what, effect: 'none', deadlineMs: answerMs }, signal, async (inner) => {
      let answer: IncomingMessage;
      try {
        answer = await askDocker(dialler, request, inner);
      } catch (cause) {
        if (isUnknownContainer(cause) || isUnknownImage(cause)) return undefined;
        throw cause;
      }
      return schema.parse(readJson(await text(answer)));
    });

  /** Has an effect; `false` if there is no such container. */
  const write = (
    what: string,
    request: Omit<DockerRequest, 'method'>,
    deadlineMs: number,
    signal: AbortSignal,
  ): Promise<boolean> =>
    bounded({ what, effect: 'maybe', deadlineMs }, signal, async (inner) => {
      try {
        (await askDocker(dialler, { ...request, method: 'POST' }, inner)).destroy();
        return true;
      } catch (cause) {
        if (isUnknownContainer(cause)) return false;
        throw cause;
      }
    });

  const container = (id: string, verb: string): string => `/containers/${id}/${verb}`;
  return {
    where,
    ping: (signal) =>
      bounded({ what: 'answer a ping', effect: 'none', deadlineMs: answerMs }, signal, async (inner) => {
        (await askDocker(dialler, { path: '/_ping' }, inner)).destroy();
      }),
    version: (signal) => read('tell its version', { path: '/version' }, VersionAnswer, signal),
    daemonId: async (signal) => (await read('tell its id', { path: '/info' }, InfoAnswer, signal)).daemonId,
    list: (all, signal) =>
      read('list containers', { path: '/containers/json', query: { all } }, z.array(ListedContainer), signal),
    labelled: (label, signal) => {
      const query = { all: true, filters: JSON.stringify({ label: [label] }) };
      return read('list containers', { path: '/containers/json', query }, z.array(ListedContainer), signal);
    },
    inspect: (reference, signal) =>
      find('inspect a container', { path: container(reference, 'json') }, InspectAnswer, signal),
    inspectWhole: (reference, signal) =>
      find('inspect a container', { path: container(reference, 'json') }, JsonObject, signal),
    image: (reference, signal) => find('inspect an image', { path: `/images/${reference}/json` }, ImageAnswer, signal),
    imageNames: (signal) => read('list images', { path: '/images/json' }, ImageNames, signal),
    open: (what, request, signal) =>
      openStream(AbortSignal.any([signal, closed.signal]), (streaming) =>
        bounded({ what, effect: 'none', deadlineMs: answerMs }, signal, () => askDocker(dialler, request, streaming)),
      ),
    restart: (id, seconds, signal) => {
      const request = { path: container(id, 'restart'), query: { t: seconds } };
      return write('restart the container', request, seconds * 1000 + slackMs, signal);
    },
    stop: (id, seconds, signal) => {
      const request = { path: container(id, 'stop'), query: { t: seconds } };
      return write('stop the container', request, seconds * 1000 + slackMs, signal);
    },
    start: (id, signal) => write('start the container', { path: container(id, 'start') }, slackMs, signal),
    update: (id, changes, signal) =>
      write('update the container', { path: container(id, 'update'), body: changes }, slackMs, signal),
    rename: (id, name, signal) =>
      write('rename the container', { path: container(id, 'rename'), query: { name } }, slackMs, signal),
    create: (name, body, signal) =>
      bounded({ what: 'create the container', effect: 'maybe', deadlineMs: slackMs }, signal, async (inner) => {
        const request = { method: 'POST', path: '/containers/create', query: { name }, body } as const;
        return CreatedAnswer.parse(readJson(await text(await askDocker(dialler, request, inner))));
      }),
    connectNetwork: async (network, body, signal) => {
      await write(
        'connect a network',
        { path: `/networks/${encodeURIComponent(network)}/connect`, body },
        slackMs,
        signal,
      );
    },
    discard: (id, signal) =>
      bounded({ what: 'remove the container', effect: 'maybe', deadlineMs: slackMs }, signal, async (inner) => {
        (await askDocker(dialler, { method: 'DELETE', path: `/containers/${id}` }, inner)).destroy();
      }),
    close: () => {
      closed.abort();
      dialler.close();
    },
  };
}
