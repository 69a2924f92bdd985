import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { CrashPoints, KeyRing } from '@countersign/engine';
import type { Signer } from '@countersign/evidence';
import { createSigner, generateSigningKey } from '@countersign/evidence/node';
import { CodedError } from '@countersign/protocol';
import { syncFolder, writeOnce } from './write-durably.ts';

const currentFile = 'signing-key.pem';
const nextFile = 'next-signing-key.pem';

/**
 * The signing keys in a keys folder: `signing-key.pem` signs, `next-signing-key.pem` waits for its turn. Taking over is a
 * rename, so that the private half of the old key is gone by the same step. Servers that share the folder follow.
 */
export function openKeyRing(folder: string, name: string, crash: CrashPoints): KeyRing {
  const at = (file: string): string => join(folder, file);
  const read = (file: string): Signer => createSigner(readFileSync(at(file), 'utf8'), name);
  let signer = read(currentFile);
  const find = (keyid: string): Signer | null => {
    if (signer.keyid === keyid) return signer;
    for (const file of [currentFile, nextFile]) {
      const there = existsSync(at(file)) ? read(file) : null;
      if (there?.keyid === keyid) return there;
    }
    return null;
  };
  return {
    get signer() {
      return signer;
    },
    prepare() {
      if (!existsSync(at(nextFile))) {
        crash.hit('next-key:before-write');
        writeOnce(at(nextFile), generateSigningKey());
        crash.hit('next-key:after-write');
      }
      return read(nextFile);
    },
    find,
    promote(keyid) {
      const key = find(keyid);
      if (key === null) throw new CodedError('E_CONFIG', `the keys folder has no key ${keyid}`);
      if (existsSync(at(nextFile)) && read(nextFile).keyid === keyid) {
        crash.hit('next-key:before-rename');
        renameSync(at(nextFile), at(currentFile));
        crash.hit('next-key:after-rename');
        syncFolder(folder);
      }
      signer = key;
    },
  };
}
