import type { WorkerAuditBody } from '@countersign/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { concatBytes } from '../bytes/bytes.ts';
import { fromUtf8, utf8 } from '../bytes/utf8.ts';
import type { Signer } from '../crypto/ports.ts';
import { digestText } from '../digest/digest.ts';
import { testSigner } from '../fixture/test-signer.ts';
import { nodeSha256, nodeVerifyCrypto } from '../node.ts';
import { workerAuditHash, workerAuditLine, workerAuditLines, workerAuditStart } from './worker-audit.ts';
import { WorkerAuditChain } from './worker-audit-chain.ts';

const uuid = '01890000-0000-7000-8000-000000000001';
const opened: Omit<WorkerAuditBody, 'seq' | 'prev'> = {
  schema: 'countersign.worker-audit.v1',
  at: 7,
  worker: 'shop-1',
  instance: uuid,
  note: 'opened',
  job: null,
  step: null,
  outcome: null,
  code: null,
  message: null,
  torn: null,
};
const intent: typeof opened = {
  ...opened,
  note: 'intent',
  job: {
    op_id: uuid,
    job_id: uuid,
    run_id: 'r_1',
    kind: 'run',
    fence: 3,
    target: 'shop-dev',
    actions: ['repo.write_files'],
    plan_digest: `sha256:${'a'.repeat(64)}`,
  },
  step: { index: 0, action: 'repo.write_files' },
};

/** Lines that follow each other. */
function chained(signer: Signer | null, ...bodies: readonly (typeof opened)[]): Uint8Array[] {
  let prev = workerAuditStart;
  return bodies.map((body, seq) => {
    const line = workerAuditLine({ ...body, seq, prev }, signer);
    prev = workerAuditHash(line, nodeSha256);
    return line;
  });
}

const fileOf = (lines: readonly Uint8Array[]): Uint8Array =>
  concatBytes(...lines.flatMap((line) => [line, utf8('\n')]));

async function check(bytes: Uint8Array): Promise<string> {
  const chain = new WorkerAuditChain(nodeVerifyCrypto);
  for (const [index, line] of workerAuditLines(bytes).entries()) {
    const answer = await chain.add(line, { file: 'f', line: index + 1 });
    if (!answer.ok) return `${answer.at.line}: ${answer.reason}`;
  }
  const end = chain.end(bytes.at(-1) === 0x0a);
  if (!end.ok) return `${end.at.line}: ${end.reason}`;
  return end.tornBytes === 0 ? `ok ${chain.head}` : `torn ${end.tornBytes}`;
}

const signer = testSigner();
const lines = chained(signer, opened, intent, { ...intent, note: 'outcome', outcome: 'verified' }, opened);
const head = workerAuditHash(lines.at(-1) ?? utf8(''), nodeSha256);

it('takes lines as they were written, signed or not (DO-1)', async () => {
  expect(await check(fileOf(lines))).toBe(`ok ${head}`);
  expect(await check(fileOf(chained(null, opened, intent)))).toMatch(/^ok /);
  expect(await check(new Uint8Array())).toBe(`ok ${workerAuditStart}`);
});

it('sees any changed byte, and says which line breaks', async () => {
  const file = fileOf(lines);
  const place = fc.tuple(fc.nat(file.length - 2), fc.integer({ min: 0, max: 255 }));
  await fc.assert(
    fc.asyncProperty(place, async ([at, value]) => {
      fc.pre(file[at] !== value);
      const changed = file.slice();
      changed[at] = value;
      const line = workerAuditLines(file.slice(0, at)).length;
      // A line that links to a changed one breaks as well as the changed one does.
      expect(await check(changed)).toMatch(new RegExp(`^(?:${Math.max(1, line)}|${line + 1}): `));
    }),
    { seed: 20_261_129, numRuns: 600 },
  );
});

it('sees lines that were dropped, repeated, swapped or forged', async () => {
  const [a = utf8(''), b = utf8(''), c = utf8(''), d = utf8('')] = lines;
  expect(await check(fileOf([a, c, d]))).toBe('2: expected entry 1, found 2');
  expect(await check(fileOf([a, b, b, c]))).toBe('3: expected entry 2, found 1');
  expect(await check(fileOf([a, c, b, d]))).toBe('2: expected entry 1, found 2');
  const body = { ...intent, seq: 1, prev: workerAuditHash(a, nodeSha256) };
  const stranger = workerAuditLine({ ...body, message: 'nothing happened' }, testSigner('stranger'));
  expect(await check(fileOf([a, stranger, c]))).toBe('3: it does not follow the line before it');
  const claimed = fromUtf8(workerAuditLine({ ...body, message: 'nothing' }, null))?.replace(
    '"public_key":null',
    `"public_key":"${/"public_key":"([^"]+)"/.exec(fromUtf8(b) ?? '')?.[1]}"`,
  );
  expect(await check(fileOf([a, utf8(claimed ?? '')]))).toBe('2: its key or signature is malformed');
  const signed = claimed?.replace('"signature":null', /"signature":"[^"]+"/.exec(fromUtf8(b) ?? '')?.[0] ?? '');
  expect(await check(fileOf([a, utf8(signed ?? '')]))).toBe('2: its signature does not verify');
});

it('an unsigned line breaks what a signed one began, and may only come before it', async () => {
  const mixed = (...signers: readonly (Signer | null)[]) => {
    let prev = workerAuditStart;
    return signers.map((each, seq) => {
      const line = workerAuditLine({ ...opened, seq, prev }, each);
      prev = workerAuditHash(line, nodeSha256);
      return line;
    });
  };
  expect(await check(fileOf(mixed(null, signer, signer)))).toMatch(/^ok /);
  expect(await check(fileOf(mixed(signer, signer, null)))).toBe('3: it is not signed, and an entry before it is');
});

it('the oldest lines may be gone, and none may follow another as the first', async () => {
  expect(await check(fileOf(lines.slice(2)))).toBe(`ok ${head}`);
  const first = workerAuditLine({ ...opened, seq: 0, prev: `sha256:${'1'.repeat(64)}` }, signer);
  expect(await check(fileOf([first]))).toBe('1: it is the first entry and follows another');
});

it('a torn line is let through where the next one names exactly its bytes', async () => {
  const [first = utf8('')] = lines;
  const torn = utf8('{"action":"half\n\0\0');
  const prev = workerAuditHash(first, nodeSha256);
  const after = (bytes: number, sha256 = digestText(nodeSha256(torn)), note: 'opened' | 'intent' = 'opened') =>
    fileOf([
      first,
      torn,
      workerAuditLine({ ...opened, note, seq: 1, prev, torn: { bytes, sha256, closed: false } }, signer),
    ]);
  expect(await check(after(torn.length))).toMatch(/^ok /);
  expect(await check(after(torn.length - 1))).toMatch(/^2: it was changed/);
  expect(await check(after(torn.length, `sha256:${'0'.repeat(64)}`))).toMatch(/^2: it was changed/);
  expect(await check(after(torn.length, digestText(nodeSha256(torn)), 'intent'))).toMatch(/^2: it was changed/);
  expect(await check(concatBytes(fileOf([first]), torn))).toBe(`torn ${torn.length}`);
  expect(await check(fileOf([first, torn]))).toMatch(/^2: it was changed/);
  const nothing = workerAuditLine({ ...opened, seq: 1, prev, torn: { bytes: 1, sha256: prev, closed: false } }, signer);
  expect(await check(fileOf([first, nothing]))).toBe('2: the torn line that it names is not there');
});
