import { BundleManifest } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import { buildBundle } from '../bundle/build-bundle.ts';
import { fromUtf8, utf8 } from '../bytes/utf8.ts';
import { fileDigest } from '../digest/digest.ts';
import { findingsOf } from '../fixture/findings-of.ts';
import { sampleInput } from '../fixture/sample-input.ts';
import { nodeSha256, nodeVerifyCrypto } from '../node.ts';
import { checkFiles } from './check-files.ts';

const whole = buildBundle(sampleInput(), nodeSha256);
const manifest = BundleManifest.parse(JSON.parse(fromUtf8(whole.get('manifest.json')!)!));
const paths = manifest.files.map(({ path }) => path);

function found(files: ReadonlyMap<string, Uint8Array>, listing: BundleManifest | null = manifest) {
  return findingsOf((findings) => checkFiles(files, listing, nodeVerifyCrypto, findings));
}
async function wrong(files: ReadonlyMap<string, Uint8Array>, listing: BundleManifest | null = manifest) {
  return (await found(files, listing)).filter(([state]) => state !== 'pass');
}
const changed = (path: string, bytes: Uint8Array) => new Map([...whole, [path, bytes]]);
const without = (path: string): BundleManifest => ({
  ...manifest,
  files: manifest.files.filter((file) => file.path !== path),
});
const withListed = (path: string): BundleManifest => ({
  ...manifest,
  files: [...manifest.files, { path, size_bytes: 1, sha256: fileDigest(utf8('x'), nodeSha256) }],
});

describe('the files of a bundle', () => {
  it('pass one by one, and then the list of them', async () => {
    expect(await found(whole)).toEqual([
      ...paths.map((path) => ['pass', 'manifest.file', path, '']),
      ['pass', 'manifest.listed', 'manifest.json', ''],
    ]);
  });

  it('of another size, of another content or missing are each named with what is wrong', async () => {
    const log = whole.get('logs.txt')!;
    const other = utf8('x'.repeat(log.length));
    const [is, was] = [fileDigest(other, nodeSha256), fileDigest(log, nodeSha256)];
    expect(await wrong(changed('logs.txt', utf8('x')))).toEqual([
      ['fail', 'manifest.file', 'logs.txt', `The file has changed: 1 bytes, listed with ${log.length}.`],
    ]);
    expect(await wrong(changed('logs.txt', other))).toEqual([
      ['fail', 'manifest.file', 'logs.txt', `The file has changed: ${is}, listed with ${was}.`],
    ]);
    const missing = new Map(whole);
    missing.delete('logs.txt');
    expect(await wrong(missing)).toEqual([['fail', 'manifest.file', 'logs.txt', 'The file is missing.']]);
  });

  it('that were added fail, but for the four that no manifest lists', async () => {
    const more = new Map(whole);
    for (const path of ['statement.dsse.json', 'tlog-proof', 'audit-entry.json', 'notes.txt']) more.set(path, utf8(''));
    expect(await wrong(more)).toEqual([
      ['fail', 'manifest.file', 'notes.txt', 'The file was added: the manifest does not list it.'],
    ]);
  });

  it('cannot be judged without a manifest', async () => {
    const files = new Map(['notes.txt', 'manifest.json', 'tlog-proof', 'plan.md'].map((path) => [path, utf8('')]));
    expect(await found(files, null)).toEqual([
      ['unknown', 'manifest.file', 'notes.txt', 'There is no readable manifest.'],
      ['unknown', 'manifest.file', 'plan.md', 'There is no readable manifest.'],
    ]);
  });
});

describe('the manifest', () => {
  it.each(['plan.md', 'plan.json', 'validation.json', 'approvals.json', 'run.json', 'logs.txt'])(
    'has to list %s',
    async (path) => {
      const files = new Map(whole);
      files.delete(path);
      expect(await wrong(files, without(path))).toEqual([
        ['fail', 'manifest.listed', 'manifest.json', `${path} is not listed.`],
      ]);
    },
  );

  it('lists nothing else but patches', async () => {
    for (const path of ['notes.txt', 'old/diffs/', 'manifest.json']) {
      expect(await wrong(changed(path, utf8('x')), withListed(path))).toEqual([
        ['fail', 'manifest.listed', 'manifest.json', `${path} does not belong into a bundle.`],
      ]);
    }
    const patch = 'diffs/0002-more.patch';
    expect(await wrong(changed(patch, utf8('x')), withListed(patch))).toEqual([]);
  });
});
