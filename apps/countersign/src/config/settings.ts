import { resolve } from 'node:path';
import { CodedError } from '@countersign/protocol';
import { z } from 'zod';

/** Settings of one process, from flags and environment. */
export interface Settings {
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  readonly databaseUrl: string | null;
  readonly logLevel: string;
}

const Port = z.coerce.number().int().min(0).max(65_535);

/** Reads `COUNTERSIGN_DATA_DIR`, `COUNTERSIGN_HOST`, `COUNTERSIGN_PORT`, `DATABASE_URL` and `COUNTERSIGN_LOG_LEVEL`; flags win. */
export function readSettings(
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
  flags: { host?: string | undefined; port?: number | undefined; dataDir?: string | undefined },
): Settings {
  const port = Port.safeParse(flags.port ?? env['COUNTERSIGN_PORT'] ?? 9325);
  if (!port.success)
    throw new CodedError('E_CONFIG', 'COUNTERSIGN_PORT: expected a port number from 0 to 65535', {
      field: 'COUNTERSIGN_PORT',
      next: 'unset it, or set a port',
    });
  const url = env['DATABASE_URL'] ?? '';
  if (url !== '' && !/^postgres(ql)?:\/\//.test(url)) {
    throw new CodedError('E_CONFIG', 'DATABASE_URL: expected postgres://user:password@host:port/database', {
      field: 'DATABASE_URL',
      next: 'unset it for the embedded SQLite',
    });
  }
  return {
    dataDir: resolve(cwd, flags.dataDir ?? env['COUNTERSIGN_DATA_DIR'] ?? '.countersign'),
    host: flags.host ?? env['COUNTERSIGN_HOST'] ?? '127.0.0.1',
    port: port.data,
    databaseUrl: url === '' ? null : url,
    logLevel: env['COUNTERSIGN_LOG_LEVEL'] ?? 'warn',
  };
}
