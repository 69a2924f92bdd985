import { dirname, resolve } from 'node:path';
import type { CheckpointSink } from '@countersign/engine';
import type { Outbound } from '../compose/outbound.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import { fileSink } from './file-sink.ts';
import { gitSink } from './git-sink.ts';
import { sharedSecret } from './shared-secret.ts';
import { webhookSink } from './webhook-sink.ts';

/** What sinks need of their server. */
export interface SinkHost {
  readonly installation: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  now(): number;
  readonly outbound: Outbound;
}

/** The places that the configuration names for the log's checkpoints. Throws E_CONFIG with file and line. */
export function openSinks(loaded: LoadedConfig, host: SinkHost): CheckpointSink[] {
  const { installation, env } = host;
  const at = (path: string): string => resolve(dirname(loaded.file), path);
  const now = (): number => host.now();
  return loaded.config.checkpoints.map((entry, index) => {
    const common = { name: entry.name, everyMs: entry.every_seconds * 1000, installation };
    if (entry.kind === 'file') return fileSink({ ...common, path: at(entry.path) });
    if (entry.kind === 'git') {
      const { branch, push } = entry;
      return gitSink({ ...common, repository: at(entry.repository), branch, push: push ?? null, now, env });
    }
    const fetch = host.outbound({ origins: [new URL(entry.url).origin], timeoutMs: 10_000 });
    const secret = sharedSecret(loaded, entry, ['checkpoints', index], env);
    return webhookSink({ ...common, url: entry.url, secret, now, fetch });
  });
}
