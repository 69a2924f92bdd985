import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CrashPoints } from '@countersign/engine';
import type { Signer } from '@countersign/evidence';
import { createSigner, generateSigningKey, trustedKeyOf } from '@countersign/evidence/node';
import { CodedError, type TrustRoot } from '@countersign/protocol';
import { writeOnce } from './write-durably.ts';

/** The keys of one installation. They live in `keys/` of the data folder, readable by its owner only. */
export interface InstallationKeys {
  readonly installation: string;
  readonly signer: Signer;
  readonly sealKey: Uint8Array;
  readonly trust: TrustRoot;
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
  const signer = createSigner(
    readOrMake(join(folder, 'signing-key.pem'), crash, generateSigningKey),
    `countersign/${installation}`,
  );
  const sealKey = Buffer.from(
    readOrMake(join(folder, 'seal-key'), crash, () => `${randomBytes(32).toString('base64')}\n`).trim(),
    'base64',
  );
  if (sealKey.length !== 32)
    throw new CodedError('E_CONFIG', 'keys/seal-key: expected 32 bytes in base64', {
      next: 'restore it from a backup: sealed values need it',
    });
  return {
    installation,
    signer,
    sealKey,
    trust: { schema: 'countersign.trust.v1', installation, keys: [trustedKeyOf(signer)] },
  };
}
