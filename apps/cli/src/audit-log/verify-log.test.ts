import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkpointOrigin, leafHash, merkleRoot, signCheckpoint, toHex, trustRoot, utf8 } from '@countersign/evidence';
import { createSigner, generateSigningKey, nodeSha256, trustedKeyOf } from '@countersign/evidence/node';
import { tempFolder } from '@countersign/testing';
import { expect, onTestFinished, test } from 'vitest';
import { runConsole } from '../fake-console/fake-console.ts';
import { startRouteServer } from '../fake-console/route-server.ts';

const signer = createSigner(generateSigningKey(), checkpointOrigin('test'));
const trust = trustRoot('test', [trustedKeyOf(signer)]);
const rootOf = (leaves: readonly string[]) =>
  merkleRoot(
    leaves.map((text) => leafHash(utf8(text), nodeSha256)),
    nodeSha256,
  );
const noteOf = (leaves: readonly string[]) =>
  signCheckpoint({ origin: checkpointOrigin('test'), size: leaves.length, root: rootOf(leaves) }, signer, nodeSha256);
const entries = Array.from({ length: 23 }, (_, index) => `{"entry":${index}}`);

async function verify(served: readonly string[], note: string, extra: string[] = [], kept?: string) {
  const server = await startRouteServer({
    trust: () => trust,
    checkpoint: () => ({ tree_size: entries.length, root_hash: toHex(rootOf(entries)), at: 1, note }),
    auditExport: ({ query }) =>
      served
        .slice(0, Number(query['to']))
        .map((text) => `${text}\n`)
        .join(''),
  });
  onTestFinished(server.close);
  const cwd = tempFolder();
  if (kept !== undefined) writeFileSync(join(cwd, 'kept.txt'), kept);
  return runConsole(['audit', 'verify', '--server', server.url, ...extra], { cwd });
}

test('the entries give the signed root, and still everything of a checkpoint that was kept', async () => {
  const result = await verify(
    entries,
    noteOf(entries),
    ['--checkpoint', 'kept.txt', '--json'],
    noteOf(entries.slice(0, 10)),
  );
  expect(result.code).toBe(0);
  expect(JSON.parse(result.stdout)).toMatchObject({ state: 'pass', tree_size: 23, root_hash: toHex(rootOf(entries)) });
});

test('one changed entry, a cut log, a foreign signature and a rewritten past are each caught', async () => {
  const changed = entries.with(4, '{"entry":"other"}');
  expect(await verify(changed, noteOf(entries))).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('do not give its root'),
  });
  expect(await verify(entries.slice(0, 20), noteOf(entries))).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('the log ends at 20'),
  });
  const stranger = createSigner(generateSigningKey(), checkpointOrigin('test'));
  const foreign = signCheckpoint(
    { origin: checkpointOrigin('test'), size: 23, root: rootOf(entries) },
    stranger,
    nodeSha256,
  );
  expect(await verify(entries, foreign)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no trusted key signed it'),
  });
  const rewritten = await verify(changed, noteOf(changed), ['--checkpoint', 'kept.txt'], noteOf(entries.slice(0, 10)));
  expect(rewritten).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('kept.txt: the entries do not give its root'),
  });
});
