import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openArtifacts } from '@countersign/store';
import { makeTempFolder, reportFault } from '@countersign/testing';
import { expect, it } from 'vitest';
import { openBundleFolder } from '../../apps/countersign/src/evidence/bundle-folder.ts';
import { installationKeys } from '../../apps/countersign/src/keys/installation-keys.ts';
import { breakFiles, type FileTrap } from './faulty-files.ts';
import { type Mode, modes } from './faulty-target.ts';

const never = { hit: () => undefined };
const bytes = Buffer.from('what the target said');
const bundleId = '019ab000-0000-7000-8000-000000000001';
const files = new Map(['manifest.json', 'plan.json', 'logs/run.log'].map((name) => [name, Buffer.from(name)]));

function keysOf(folder: string): { installation: string; sealKey: string; signing: string } {
  const { installation, sealKey } = installationKeys(folder, never);
  const signing = readFileSync(join(folder, 'keys/signing-key.pem'), 'utf8');
  return { installation, sealKey: Buffer.from(sealKey).toString('hex'), signing };
}

interface Work {
  readonly what: string;
  readonly modes: readonly Mode[];
  /** Does it; what it resolves with was answered. */
  act(folder: string): Promise<unknown>;
  /** Looks at what stands after it was done again without a fault. */
  whole(folder: string, answered: unknown): Promise<void>;
}

const works: readonly Work[] = [
  {
    what: 'an artifact',
    modes,
    act: async (folder) => await (await openArtifacts(folder)).put(bytes),
    whole: async (folder, answered) => {
      expect(answered).toMatchObject({ sizeBytes: bytes.length });
      const { sha256 } = await (await openArtifacts(folder)).put(bytes);
      expect(await (await openArtifacts(folder)).get(sha256)).toEqual(new Uint8Array(bytes));
    },
  },
  {
    what: 'an export of evidence',
    modes,
    act: async (folder) => await openBundleFolder(folder, never).export(bundleId, 0, files, null),
    whole: async (folder, answered) => {
      const root = join(folder, 'docs/evidence');
      for (const [name, content] of files) expect(readFileSync(join(folder, String(answered), name))).toEqual(content);
      expect(
        readdirSync(root).filter((name) => !name.startsWith('.partial')),
        'one folder',
      ).toHaveLength(1);
    },
  },
  {
    what: 'the keys',
    modes: ['fails', 'works, then fails'],
    act: async (folder) => keysOf(folder),
    whole: async (folder, answered) => {
      expect(keysOf(folder), 'the same keys again').toEqual(answered);
      for (const name of ['installation', 'signing-key.pem', 'seal-key'])
        expect(existsSync(join(folder, 'keys', name))).toBe(true);
    },
  },
];

/** Breaks the n-th call while the work is done, then does it again; answers the call that was broken, or null where there is no n-th. */
async function brokenAt(work: Work, nth: number, mode: Mode): Promise<string | null> {
  using folder = makeTempFolder();
  const trap: FileTrap = { nth, mode, calls: [], fired: null };
  const mend = breakFiles(trap);
  const first = work.act(folder.path).then(
    (value) => ({ value }),
    () => null,
  );
  // Who hangs is left hanging, as by a disk that does not answer.
  const answered = await Promise.race([first, sleep(mode === 'hangs' ? 250 : 10_000, null)]);
  mend();
  if (trap.fired === null) return null;
  if (answered !== null) await work.whole(folder.path, answered.value);
  await work.whole(folder.path, await work.act(folder.path));
  return trap.fired;
}

it.each(works)(
  '$what: any call on a file may fail, hang, or do its work and then fail (promise 1)',
  async (work) => {
    for (const mode of work.modes) {
      const fired = new Map<string, number>();
      for (let nth = 1; ; nth += 1) {
        const call = await brokenAt(work, nth, mode);
        if (call === null) break;
        fired.set(call, (fired.get(call) ?? 0) + 1);
      }
      const count = [...fired.values()].reduce((sum, times) => sum + times, 0);
      const held = 'what was answered stands, and doing it again makes it whole';
      await reportFault({
        fault: 'nth-file-call',
        point: `${work.what} ${mode}`,
        fired: count,
        lost: 0,
        twice: 0,
        held,
      });
    }
  },
  180_000,
);
