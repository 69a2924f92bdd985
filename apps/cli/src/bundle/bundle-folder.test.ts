import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { trustRoot } from '@countersign/evidence';
import { createSigner, generateSigningKey, trustedKeyOf } from '@countersign/evidence/node';
import type { EvidenceView } from '@countersign/protocol';
import { CodedError } from '@countersign/protocol';
import { tempFolder } from '@countersign/testing';
import { expect, onTestFinished, test } from 'vitest';
import { runConsole } from '../fake-console/fake-console.ts';
import { startRouteServer } from '../fake-console/route-server.ts';
import { sampleIds, sampleOperation } from '../fake-console/sample-operation.ts';
import { bundleFiles, readBundle, writeBundle } from './bundle-folder.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const trust = trustRoot('test', [trustedKeyOf(createSigner(generateSigningKey(), 'countersign/test'))]);
function evidence(change: Partial<EvidenceView> = {}, manifest = '{}'): EvidenceView {
  const files = [
    { path: 'manifest.json', content_base64: base64(manifest) },
    { path: 'diffs/0001-app-conf.patch', content_base64: base64('+a\n') },
  ];
  return {
    bundle_id: sampleIds.bundle,
    op_id: sampleIds.op,
    state: 'anchored',
    folder: 'evidence/20261121-0017-02',
    files,
    trust,
    ...change,
  };
}
const server = async (answer: () => EvidenceView) => {
  const started = await startRouteServer({
    evidence: ({ params }) => {
      if (params['bundle_id'] !== sampleIds.bundle) throw new CodedError('E_NOT_FOUND', 'none');
      return answer();
    },
    opsGet: () => sampleOperation(),
  });
  onTestFinished(started.close);
  return { COUNTERSIGN_SERVER: started.url };
};

test.each(['../x', '/etc/x', 'a/../b', '.git/config', 'a//b', 'a\\b', 'C:x', 'a/.', ''])(
  'a bundle with the path %j is not written',
  (path) => {
    expect(() => bundleFiles(evidence({ files: [{ path, content_base64: '' }] }))).toThrow('may not be written');
  },
);

test('what is written is what is read, and a folder that is there stays as it is', async () => {
  const folder = join(tempFolder(), 'bundle');
  const files = bundleFiles(evidence());
  await writeBundle(folder, files);
  expect(await readBundle(folder)).toEqual(new Map([...files].map(([path, bytes]) => [path, Buffer.from(bytes)])));
  await expect(writeBundle(folder, files)).rejects.toMatchObject({ code: 'E_STATE' });
  expect(readdirSync(join(folder, '..'))).toEqual(['bundle']);
});

test('a link inside a bundle is refused', async () => {
  const folder = tempFolder();
  symlinkSync('/etc/hostname', join(folder, 'run.json'));
  await expect(readBundle(folder)).rejects.toThrow('run.json is no regular file');
});

test('evidence get takes a bundle or an operation, keeps the keys beside the folder, and prints the folder', async () => {
  const env = await server(() => evidence());
  const cwd = tempFolder();
  const byBundle = await runConsole(['evidence', 'get', sampleIds.bundle], { cwd, env });
  const folder = join(cwd, `evidence-${sampleIds.bundle}`);
  expect([byBundle.code, byBundle.stdout]).toEqual([0, `${folder}\n`]);
  expect(JSON.parse(readFileSync(`${folder}.trust.json`, 'utf8'))).toEqual(trust);
  const byOperation = await runConsole(['evidence', 'get', sampleIds.op, '--out', 'proof', '--json'], { cwd, env });
  expect(JSON.parse(byOperation.stdout)).toMatchObject({ folder: join(cwd, 'proof'), state: 'anchored' });
});

test('a bundle that is not sealed yet is not handed out', async () => {
  const env = await server(() => evidence({ state: 'sealing' }));
  const result = await runConsole(['evidence', 'get', sampleIds.bundle], { cwd: tempFolder(), env });
  expect([result.code, result.stdout]).toEqual([1, '']);
});

test('evidence export names the folder by UTC minute, twice the same changes nothing, another one gets -02', async () => {
  let manifest = '{"a":1}';
  const env = await server(() => evidence({}, manifest));
  const cwd = tempFolder();
  const run = () => runConsole(['evidence', 'export', sampleIds.bundle, '--repo', '.'], { cwd, env });
  expect((await run()).code).toBe(2);
  mkdirSync(join(cwd, '.git'));
  const first = join(cwd, 'docs/evidence/20261121-0017');
  expect((await run()).stdout).toBe(`${first}\n`);
  expect(await run()).toMatchObject({ code: 0, stdout: `${first}\n` });
  manifest = '{"a":2}';
  expect((await run()).stdout).toBe(`${first}-02\n`);
});

test('verify without keys says where to get them; a folder that is no bundle fails and names what is missing', async () => {
  const cwd = tempFolder();
  mkdirSync(join(cwd, 'b'));
  writeFileSync(join(cwd, 'b/manifest.json'), '{}');
  expect(await runConsole(['verify', 'b'], { cwd })).toMatchObject({ code: 2 });
  writeFileSync(join(cwd, 'keys.json'), JSON.stringify(trust));
  const result = await runConsole(['verify', 'b', '--trust', 'keys.json', '--json'], { cwd });
  expect(result.code).toBe(1);
  expect(JSON.parse(result.stdout)).toMatchObject({
    state: expect.stringMatching(/fail|error/),
    independent_trust: true,
  });
});
