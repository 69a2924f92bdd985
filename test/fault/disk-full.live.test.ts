import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openArtifacts, openSqlite } from '@countersign/store';
import { reportFault, tempFolder } from '@countersign/testing';
import { expect, onTestFinished, test } from 'vitest';
import { openBundleFolder } from '../../apps/countersign/src/evidence/bundle-folder.ts';
import { hashChildren } from '../../packages/store/src/fixture/hashing.ts';
import { anAuditEntry } from '../../packages/store/src/fixture/rows.ts';

/** A volume of 2 MiB of its own; only root may mount one. */
function smallVolume(): { path: string; fill(): void; free(): void } {
  const path = tempFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', path]);
  onTestFinished(() => {
    execFileSync('umount', ['-l', path]);
  });
  const filler = join(path, 'filler');
  return {
    path,
    fill() {
      try {
        writeFileSync(filler, Buffer.alloc(4 << 20, 1));
      } catch {
        // It is full: that is what was wanted.
      }
    },
    free: () => rmSync(filler),
  };
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [entry.name] : [],
  );

test('a full volume of the database refuses, reads on, and recovers with nothing lost', async () => {
  const volume = smallVolume();
  const store = await openSqlite({
    path: join(volume.path, 'd.db'),
    clock: { now: () => 1 },
    hashChildren,
    report: () => {},
  });
  const append = () => store.write((unit) => unit.audit.append(anAuditEntry({ detail: { text: 'x'.repeat(3000) } })));
  for (let n = 0; n < 20; n++) await append();
  volume.fill();
  let [refused, acknowledged] = [0, 20];
  for (let n = 0; n < 60; n++)
    await append().then(
      () => (acknowledged += 1),
      (error: unknown) => {
        expect(error).toMatchObject({ code: 'E_STORE' });
        refused += 1;
      },
    );
  expect(refused).toBeGreaterThan(0);
  await expect(store.ping()).rejects.toMatchObject({ code: 'E_STORE' });
  expect((await store.read((reads) => reads.audit.size())).treeSize).toBeGreaterThanOrEqual(acknowledged);
  volume.free();
  await append();
  await store.ping();
  const { treeSize } = await store.read((reads) => reads.audit.size());
  expect(treeSize).toBe(acknowledged + 1);
  await store.close();
  await reportFault({
    fault: 'disk-full',
    point: 'database and log (tmpfs)',
    fired: refused,
    lost: 0,
    twice: 0,
    held: 'reads went on, recovered by itself',
  });
});

test('a full volume of artifacts refuses, keeps no half file, and recovers', async () => {
  const volume = smallVolume();
  const artifacts = await openArtifacts(join(volume.path, 'artifacts'));
  const kept = await artifacts.put(Buffer.alloc(10_000, 3));
  volume.fill();
  const refusal = { code: 'E_STORE', detail: { volume: 'artifacts', code: 'ENOSPC' } };
  await expect(artifacts.put(Buffer.alloc(200_000, 4))).rejects.toMatchObject(refusal);
  await expect(artifacts.ping()).rejects.toMatchObject(refusal);
  expect((await artifacts.get(kept.sha256))?.length).toBe(10_000);
  expect(filesBelow(join(volume.path, 'artifacts'))).toEqual([kept.sha256]);
  volume.free();
  await artifacts.ping();
  await artifacts.put(Buffer.alloc(200_000, 4));
  await reportFault({
    fault: 'disk-full',
    point: 'artifacts (tmpfs)',
    fired: 2,
    lost: 0,
    twice: 0,
    held: 'no half file; ready again by itself',
  });
});

test('a full volume of evidence leaves no half bundle, and the next export writes it whole', async () => {
  const volume = smallVolume();
  const bundles = openBundleFolder(volume.path, { hit: () => undefined });
  const files = new Map([
    ['manifest.json', Buffer.from('{}')],
    ['log.txt', Buffer.alloc(300_000, 5)],
  ]);
  volume.fill();
  await expect(bundles.export('b1', 0, files, null)).rejects.toThrow();
  await expect(bundles.ping()).rejects.toMatchObject({ code: 'E_STORE', detail: { volume: 'evidence' } });
  const root = join(volume.path, 'docs/evidence');
  const visible = (): string[] => readdirSync(root).filter((name) => !name.startsWith('.'));
  expect(visible()).toEqual([]);
  volume.free();
  await bundles.ping();
  const name = await bundles.export('b1', 0, files, null);
  expect(filesBelow(join(volume.path, name)).sort()).toEqual(['log.txt', 'manifest.json']);
  await reportFault({
    fault: 'disk-full',
    point: 'evidence export (tmpfs)',
    fired: 2,
    lost: 0,
    twice: 0,
    held: 'no half bundle; exported whole afterwards',
  });
});
