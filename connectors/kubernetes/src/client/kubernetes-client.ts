import type { IncomingMessage } from 'node:http';
import { boundedCall, ConnectorError } from '@countersign/connector-kit';
import { readJson } from '@countersign/protocol';
import type { z } from 'zod';
import type { KubernetesConfig } from '../config.ts';
import { type CallDescription, callError, httpFailureOf } from './call-error.ts';
import { type Cluster, loadCluster } from './cluster.ts';
import { type ApiRequest, readAnswer, send } from './send.ts';

/** One call: what it is about, and the request. */
export interface ApiCall extends CallDescription {
  readonly request: ApiRequest;
}

/** An open answer. `close` ends the connection at once and may be called twice. */
export interface OpenAnswer {
  readonly chunks: AsyncIterable<Uint8Array>;
  close(): void;
}

/** The Kubernetes API as far as the connector needs it; every call has a deadline and throws ConnectorError only. */
export interface KubernetesClient {
  /** The server's URL and the namespace of the context. */
  cluster(signal: AbortSignal): Promise<{ server: string; namespace: string | undefined }>;
  ask<Schema extends z.ZodType>(call: ApiCall, schema: Schema, signal: AbortSignal): Promise<z.output<Schema>>;
  /** As `ask`; undefined where the API answers 404. */
  find<Schema extends z.ZodType>(
    call: ApiCall,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<z.output<Schema> | undefined>;
  /** Opens a stream. `signal` bounds the stream too: its abort closes the connection. */
  open(call: ApiCall, signal: AbortSignal): Promise<OpenAnswer>;
  close(): void;
}

/** Longer than the server itself takes for a write (`writeTimeout`), so that its word comes first. */
const answerMs = 15_000;

/** How long the API server may work on a write, as its query parameter `timeout`. After that it has failed there. */
export const writeTimeout = '10s';

/** A client for the cluster of a target's settings. The kubeconfig is read at the first call, and again after a refusal of its credentials. */
export function makeKubernetesClient(config: KubernetesConfig): KubernetesClient {
  const closed = new AbortController();
  let loading: Promise<Cluster> | undefined;
  const load = async (): Promise<Cluster> => {
    loading ??= loadCluster(config);
    try {
      return await loading;
    } catch (cause) {
      loading = undefined;
      throw cause;
    }
  };
  const where = 'the Kubernetes API';
  const bounded = async <Answer>(
    call: CallDescription,
    signal: AbortSignal,
    ask: (abortSignal: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> => {
    const late = () =>
      new ConnectorError('E_TIMEOUT', `${where} took more than ${answerMs} ms to ${call.what}`, {
        effect: call.effect,
      });
    const failed = (cause: unknown): ConnectorError => {
      const error = callError(cause, call, where);
      if (httpFailureOf(error)?.status === 401) loading = undefined;
      return error;
    };
    return await boundedCall({ ...call, signal, closed: closed.signal, deadlineMs: answerMs, late, failed }, ask);
  };
  const client: KubernetesClient = {
    cluster: (signal) =>
      bounded({ what: 'read the kubeconfig', effect: 'none' }, signal, async () => {
        const { server, namespace } = await load();
        return { server: server.href, namespace };
      }),
    ask: (call, schema, signal) =>
      bounded(call, signal, async (abortSignal) =>
        schema.parse(readJson(await readAnswer(await send(await load(), call.request, abortSignal)))),
      ),
    find: async (call, schema, signal) => {
      try {
        return await client.ask(call, schema, signal);
      } catch (error) {
        if (httpFailureOf(error)?.status === 404) return undefined;
        throw error;
      }
    },
    open: async (call, signal) => {
      const connection = new AbortController();
      const outer = AbortSignal.any([signal, closed.signal]);
      const close = (): void => {
        outer.removeEventListener('abort', close);
        connection.abort();
      };
      outer.addEventListener('abort', close, { once: true });
      try {
        const answer: IncomingMessage = await bounded(call, signal, async () =>
          send(await load(), call.request, connection.signal),
        );
        return { chunks: answer, close };
      } catch (cause) {
        close();
        throw cause;
      }
    },
    close: () => closed.abort(),
  };
  return client;
}
