import { ApiError, type Client } from '@countersign/client';
import { verifyBundle } from '@countersign/evidence';
import { nodeVerifyCrypto } from '@countersign/evidence/node';
import type { OperationView, TrustRoot } from '@countersign/protocol';
import { reportFault, waitUntil } from '@countersign/testing';
import { expect, it } from 'vitest';
import { bundledEntry } from './bundled.ts';
import { makeInstallation, type People } from './installation.ts';
import { judgeEvidence, verifiedAudit } from './proof.ts';

interface Strike {
  readonly point: string;
  /** The how-manieth time it comes by. */
  readonly pass: number;
  /** Whether the log has the rotation when the process dies. */
  readonly begun: boolean;
}

/** Where a rotation is struck: the next key's file, the unit that announces it, the signed head at which it takes over, and its rename. */
const strikes: readonly Strike[] = [
  { point: 'next-key:before-write', pass: 1, begun: false },
  { point: 'next-key:after-write', pass: 1, begun: false },
  // The first record is that the server has started.
  { point: 'record:before-commit', pass: 2, begun: false },
  { point: 'record:after-commit', pass: 2, begun: true },
  { point: 'next-key:before-rename', pass: 1, begun: true },
  { point: 'next-key:after-rename', pass: 1, begun: true },
];
const takeOvers = ['checkpoint:before-commit', 'checkpoint:after-commit'];
const timesEach = 5;

const isUp = (url: string): Promise<boolean> =>
  fetch(`${url}/livez`).then(
    () => true,
    () => false,
  );

async function runOne({ requester }: People, content: string): Promise<OperationView> {
  const inputs = { files: [{ path: 'file.txt', content }], message: 'while keys change' };
  const steps = [{ action: 'repo.write_files', inputs }];
  const { op_id: opId } = await requester.call('opsPlan', {
    body: { target: 'target-0', steps, start: 'when_allowed' },
  });
  return await waitUntil(`${opId} ends`, async () => {
    const view = await requester.call('opsGet', { params: { op_id: opId } });
    return view.state === 'closed' && view;
  });
}

async function notPassing(client: Client, ran: readonly OperationView[], trust: TrustRoot): Promise<number> {
  let count = 0;
  for (const { bundle_id } of ran) {
    const { files } = await client.call('evidence', { params: { bundle_id } });
    const contents = new Map(files.map(({ path, content_base64: text }) => [path, Buffer.from(text, 'base64')]));
    if ((await verifyBundle(contents, trust, nodeVerifyCrypto)).state !== 'pass') count += 1;
  }
  return count;
}

/** Every key but one is retired, and the log says so as often as a rotation was begun. */
async function oneKeyCounts({ admin }: People, rotations: number): Promise<void> {
  await waitUntil('one key counts', async () => {
    const { keys } = await admin.call('keyList');
    const states = keys.map(({ state }) => state);
    return keys.length === rotations + 1 && states.every((state) => state === 'current' || state === 'retired');
  });
  const { keys } = await admin.call('keyList');
  expect(keys.filter(({ state }) => state === 'current')).toHaveLength(1);
}

it('a rotation of keys that is killed anywhere is whole or not begun, and old bundles go on verifying (promise 5)', async () => {
  await using installation = await makeInstallation({ targets: 1, entry: await bundledEntry() });
  let server = await installation.serve();
  const people = await installation.enrol();
  const rotate = () => people.admin.call('keyRotate', { body: { reason: 'struck' } });
  const ran: OperationView[] = [await runOne(people, 'first\n')];
  let rotations = 0;
  const stands = async (point: string): Promise<void> => {
    await oneKeyCounts(people, rotations);
    if (rotations % 3 === 1) ran.push(await runOne(people, `${ran.length}\n`));
    const trust = await people.requester.call('trust');
    // Proofs of bundles that a retired key had signed are made again with each signed head.
    const some = [...ran.slice(0, 2), ...ran.slice(2).slice(-3)];
    await waitUntil('bundles verify', async () => (await notPassing(people.requester, some, trust)) === 0);
    await judgeEvidence(people.requester, some, trust);
    const entries = await verifiedAudit(people.admin, trust);
    expect(entries.filter(({ event }) => event === 'key.rotated').length, point).toBe(rotations);
  };
  for (let time = 0; time < timesEach; time += 1) {
    // What other loads come by as well is struck once.
    for (const { point, pass, begun } of strikes.filter(
      (strike) => time === 0 || strike.point.startsWith('next-key:'),
    )) {
      await server.kill();
      const victim = await installation.serve({ crashAt: `${point}:${pass}` });
      await waitUntil('it listens', () => isUp(installation.url));
      await rotate().catch((error: unknown) => expect(error).toBeInstanceOf(ApiError));
      expect(await victim.exited, point).toEqual({ code: null, signal: 'SIGKILL' });
      server = await installation.serve();
      if (begun) rotations += 1;
      await stands(point);
    }
    for (const point of time === 0 ? takeOvers : []) {
      await rotate();
      rotations += 1;
      await server.kill();
      const victim = await installation.serve({ crashAt: `${point}:1` });
      expect(await victim.exited, point).toEqual({ code: null, signal: 'SIGKILL' });
      server = await installation.serve();
      await stands(point);
    }
  }
  await waitUntil(
    'all verify',
    async () => (await notPassing(people.requester, ran, await people.requester.call('trust'))) === 0,
  );
  const held = 'whole or not begun; one key counts, all bundles verify';
  for (const point of [...strikes.map((strike) => strike.point), ...takeOvers])
    await reportFault({
      fault: 'kill',
      point: `${point} of server`,
      database: 'sqlite',
      fired: point.startsWith('next-key:') ? timesEach : 1,
      lost: 0,
      twice: 0,
      held,
    });
}, 400_000);
