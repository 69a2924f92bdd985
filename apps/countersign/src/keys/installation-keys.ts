import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CrashPoints, KeyRing } from '@countersign/engine';
import { checkpointOrigin } from '@countersign/evidence';
import { generateSigningKey } from '@countersign/evidence/node';
import { CodedError } from '@countersign/protocol';
import { openKeyRing } from './key-ring.ts';
import { writeOnce } from './write-durably.ts';

/** The keys of one installation. They live in `keys/` of the data folder, readable by its owner only. */
export interface InstallationKeys {
  readonly installation: string;
  readonly ring: KeyRing;
  readonly sealKey: Uint8Array;
}

function readOrMake(file: string, crash: CrashPoints, make: () => string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  crash.hit('key:before-write');
  writeOnce(file, make());
  crash.hit('key:after-write');
  return readFileSync(file, 'utf8');
}

/** Reads the installation's keys, or makes them on the first start. */
export function installationKeys(dataDir: string, crash: CrashPoints): InstallationKeys {
  const folder = join(dataDir, 'keys');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const installation = readOrMake(
    join(folder, 'installation'),
    crash,
    () => `cs-${randomBytes(6).toString('hex')}\n`,
  ).trim();
  readOrMake(join(folder, 'signing-key.pem'), crash, generateSigningKey);
  const ring = openKeyRing(folder, checkpointOrigin(installation), crash);
  const sealKey = Buffer.from(
    readOrMake(join(folder, 'seal-key'), crash, () => `${randomBytes(32).toString('base64')}\n`).trim(),
    'base64',
  );
  if (sealKey.length !== 32)
    throw new CodedError('E_CONFIG', 'keys/seal-key: expected 32 bytes in base64', {
      next: 'restore it from a backup: sealed values need it',
    });
  return { installation, ring, sealKey };
}
