import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  extendsTrust,
  fromHex,
  utf8,
  verifyBundle,
  verifyConsistency,
  verifyInclusion,
  verifyTlogProof,
  verifyTrust,
} from '@countersign/evidence';
import { nodeSha256, nodeVerifyCrypto } from '@countersign/evidence/node';
import { AuditBody, TrustRoot } from '@countersign/protocol';
import { waitUntil } from '@countersign/testing';
import { expect, it } from 'vitest';
import { auditEntries } from './harness/audit.ts';
import { fetchBundle, verified } from './harness/bundle.ts';
import { describeServer, type Stage } from './harness/describe-server.ts';
import { anchored, propose, runToEnd, writeFiles } from './harness/flow.ts';
import { expectEnvelope, send } from './harness/send.ts';

async function change({ alice }: Stage, file: string) {
  const ended = await runToEnd(alice.client, await propose(alice.client, writeFiles('dev', { [file]: 'x\n' })));
  return await anchored(alice.client, ended.op_id);
}

describeServer('proofs', {}, (stage) => {
  it('the trust root is public, canonical, and holds in itself; nothing else is in it (DO-17)', async () => {
    const answer = await send(stage().url, { path: '/v1/trust' });
    expect(answer.status).toBe(200);
    const text = await answer.text();
    const trust = TrustRoot.parse(JSON.parse(text));
    expect(JSON.stringify(JSON.parse(text))).toBe(text);
    expect(Object.keys(trust).sort()).toEqual(['installation', 'keys', 'origin', 'rotations', 'schema']);
    expect(await verifyTrust(trust, nodeVerifyCrypto)).toMatchObject({ ok: true });
  });

  it('the export holds every leaf as it was hashed; proofs of places and of growth verify from it (DO-17)', async () => {
    const { url, alice } = stage();
    await change(stage(), 'a.txt');
    const early = await alice.client.call('checkpoint');
    await change(stage(), 'b.txt');
    const late = await alice.client.call('checkpoint');
    expect(late.tree_size).toBeGreaterThan(early.tree_size);
    const lines = (await alice.client.call('auditExport')).split('\n').slice(0, -1);
    expect(lines.length).toBeGreaterThanOrEqual(late.tree_size);
    for (const line of lines) AuditBody.parse(JSON.parse(line));
    const part = await alice.client.call('auditExport', { query: { from: 2, to: 5 } });
    expect(part).toBe(`${lines.slice(2, 5).join('\n')}\n`);

    const growth = await alice.client.call('proofConsistency', {
      query: { from: early.tree_size, to: late.tree_size },
    });
    expect([growth.from_root, growth.to_root]).toEqual([early.root_hash, late.root_hash]);
    const claim = {
      earlierSize: early.tree_size,
      earlierRoot: fromHex(early.root_hash),
      size: late.tree_size,
      root: fromHex(late.root_hash),
      proof: growth.hashes.map(fromHex),
    };
    expect(await verifyConsistency(claim, nodeSha256)).toBe(true);
    expect(await verifyConsistency({ ...claim, earlierRoot: fromHex(late.root_hash) }, nodeSha256)).toBe(false);

    const trust = await alice.client.call('trust');
    for (const leaf of [0, 1, early.tree_size - 1, late.tree_size - 1]) {
      const place = await alice.client.call('proofInclusion', { query: { leaf, size: late.tree_size } });
      expect(place.entry).toBe(lines[leaf]);
      const byHand = createHash('sha256').update(Buffer.concat([Buffer.from([0]), Buffer.from(place.entry)]));
      expect(byHand.digest('hex')).toBe(place.leaf_hash);
      const proof = place.hashes.map(fromHex);
      const held = {
        leafHash: fromHex(place.leaf_hash),
        index: leaf,
        size: place.size,
        root: fromHex(place.root),
        proof,
      };
      expect(place.root).toBe(late.root_hash);
      expect(await verifyInclusion(held, nodeSha256)).toBe(true);
      expect(await verifyInclusion({ ...held, index: leaf + 1 }, nodeSha256)).toBe(false);
      const offline = await verifyTlogProof(place.tlog_proof ?? '', utf8(place.entry), trust, nodeVerifyCrypto);
      expect(offline).toMatchObject({ ok: true, value: { index: leaf } });
    }
    for (const [path, field] of [
      ['proof/consistency?from=5&to=2', 'query/from'],
      ['proof/consistency?from=0&to=99999999', 'query/to'],
      ['proof/inclusion?leaf=7&size=7', 'query/leaf'],
      ['proof/inclusion?leaf=0&size=99999999', 'query/size'],
      ['proof/inclusion?leaf=-1&size=2', 'query/leaf'],
      ['export?from=x', 'query/from'],
    ]) {
      const refused = await send(url, { path: `/v1/audit/${path}`, token: alice.token });
      await expectEnvelope(refused, { code: 'E_VALIDATION', status: 422, field: String(field) });
    }
  });

  it('after two rotations old bundles verify, by the server and in their folders, and new ones by the new key (CP-14)', async () => {
    const { admin, alice, bob, dataDir } = stage();
    const before = await change(stage(), 'before.txt');
    const copy = await fetchBundle(alice.client, before.bundle_id);
    const kept = await alice.client.call('trust');

    const oldKey = readFileSync(join(dataDir, 'keys', 'signing-key.pem'), 'utf8');
    const first = await admin.client.call('keyRotate', { body: { reason: 'yearly' } });
    expect(first).toMatchObject({ state: 'current', until_size: null });
    const between = await change(stage(), 'between.txt');
    const second = await admin.client.call('keyRotate', { body: { reason: 'somebody left' } });
    const after = await change(stage(), 'after.txt');
    expect(readFileSync(join(dataDir, 'keys', 'signing-key.pem'), 'utf8')).not.toBe(oldKey);
    expect(readdirSync(join(dataDir, 'keys')).sort()).toEqual(['installation', 'seal-key', 'signing-key.pem']);

    const trust = await alice.client.call('trust');
    expect(trust.keys.map(({ keyid }) => keyid)).toEqual([kept.keys[0]?.keyid, first.keyid, second.keyid]);
    expect(await verifyTrust(trust, nodeVerifyCrypto)).toMatchObject({ ok: true });
    expect(extendsTrust(kept, trust)).toMatchObject({ ok: true });
    const { keys } = await alice.client.call('keyList');
    expect(keys.map(({ state, from_size, until_size }) => [state, from_size, until_size])).toEqual([
      ['retired', 0, first.from_size],
      ['retired', first.from_size, second.from_size],
      ['current', second.from_size, null],
    ]);
    const rotated = await auditEntries(stage(), { event: 'key.rotated' });
    expect(rotated.map(({ actor, detail }) => [actor.principal, detail['to'], detail['reason']])).toEqual([
      ['admin', first.keyid, 'yearly'],
      ['admin', second.keyid, 'somebody left'],
    ]);

    for (const { bundle_id } of [before, between, after]) {
      const report = await waitUntil('proofs are renewed', async () => {
        const now = await verified(alice.client, bundle_id);
        return now.state === 'pass' && now;
      });
      expect(report.findings.filter(({ state }) => state !== 'pass')).toEqual([]);
    }
    const now = await fetchBundle(alice.client, before.bundle_id);
    const differ = [...now.files].filter(
      ([path, bytes]) => Buffer.compare(bytes, copy.files.get(path) ?? Buffer.alloc(0)) !== 0,
    );
    expect(differ.map(([path]) => path)).toEqual(['tlog-proof']);
    await waitUntil('the folder has the new proof', async () => {
      const folder = readFileSync(join(dataDir, now.folder, 'tlog-proof'));
      return Buffer.compare(folder, now.files.get('tlog-proof') ?? Buffer.alloc(0)) === 0;
    });

    // A copy from before: good by the root of its time; by today's it wants the log's word, since whoever stole the old key could have made it.
    expect((await verifyBundle(copy.files, kept, nodeVerifyCrypto)).state).toBe('pass');
    const alone = await verifyBundle(copy.files, trust, nodeVerifyCrypto);
    expect(alone.findings.filter(({ state }) => state !== 'pass').map(({ id }) => id)).toEqual(['anchor.current']);
    expect(alone.state).toBe('unknown');

    const refused = await send(stage().url, {
      path: '/v1/keys/rotate',
      method: 'POST',
      token: bob.token,
      body: { reason: 'r' },
    });
    await expectEnvelope(refused, { code: 'E_AUTH_FORBIDDEN', status: 403 });
  });
});
