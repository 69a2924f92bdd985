import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiError, type Client } from '@countersign/client';
import type { OperationView } from '@countersign/protocol';
import { reportFault, tempFolder, waitUntil } from '@countersign/testing';
import { expect, test } from 'vitest';
import { type Installation, makeInstallation } from '../crash/installation.ts';

interface Volume extends Disposable {
  fill(): void;
  free(): void;
}

/** Mounts a small volume of its own at a folder; only root may. */
function mountAt(path: string, megabytes: number): Volume {
  mkdirSync(path, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path]);
  const filler = join(path, 'filler');
  return {
    fill() {
      try {
        writeFileSync(filler, Buffer.alloc((megabytes + 1) << 20, 1));
      } catch {
        // It is full: that is what was wanted.
      }
    },
    free: () => rmSync(filler),
    [Symbol.dispose]: () => {
      execFileSync('umount', ['-l', path]);
    },
  };
}

const ready = async ({ url }: Installation): Promise<number> => (await fetch(`${url}/readyz`)).status;

async function propose(client: Client, content: string): Promise<OperationView> {
  const inputs = { files: [{ path: 'file.txt', content }], message: 'fills no volume' };
  const steps = [{ action: 'repo.write_files', inputs }];
  return await client.call('opsPlan', { body: { target: 'target-0', steps, start: 'when_allowed' } });
}

const ended = (client: Client, opId: string): Promise<OperationView> =>
  waitUntil(`${opId} ends`, async () => {
    const view = await client.call('opsGet', { params: { op_id: opId } });
    return view.state === 'closed' && view;
  });

test('a full data volume: changes are refused and readyz says 503, reads go on, and it recovers by itself', async () => {
  await using installation = await makeInstallation({ targets: 1 });
  using volume = mountAt(installation.dataDir, 48);
  await installation.serve();
  const { requester } = await installation.enrol();
  const before = await ended(requester, (await propose(requester, 'before\n')).op_id);
  expect(before.run?.state).toBe('succeeded');
  expect(await ready(installation)).toBe(200);

  volume.fill();
  const refusals: ApiError[] = [];
  // What is left of the last page may take some more.
  for (let n = 0; n < 200 && refusals.length < 5; n += 1)
    await propose(requester, `${n}\n`.repeat(2000)).catch((error: unknown) => {
      if (!(error instanceof ApiError)) throw error;
      refusals.push(error);
    });
  expect(refusals.map(({ status }) => status)).toEqual([503, 503, 503, 503, 503]);
  expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(['E_STORE']));
  await waitUntil('readyz says so', async () => (await ready(installation)) === 503);
  expect((await requester.call('opsGet', { params: { op_id: before.op_id } })).run?.state).toBe('succeeded');

  volume.free();
  await waitUntil('it is ready again', async () => (await ready(installation)) === 200);
  const after = await ended(requester, (await propose(requester, 'after\n')).op_id);
  expect(after.run?.state).toBe('succeeded');
  const held = 'E_STORE with 503, readyz 503, reads went on, ready again by itself';
  const point = 'the data folder of the whole product';
  await reportFault({ fault: 'disk-full', point, database: 'sqlite', fired: refusals.length, lost: 0, twice: 0, held });
});

test('a full volume of temporary files: a plan that needs one fails clearly, and the next one is made', async () => {
  await using installation = await makeInstallation({ targets: 1 });
  const temporary = tempFolder();
  using volume = mountAt(temporary, 2);
  await installation.serve({ env: { TMPDIR: temporary } });
  const { requester } = await installation.enrol();
  volume.fill();
  const refused = await propose(requester, 'refused\n');
  expect(refused.plan?.error).toMatchObject({
    code: expect.stringMatching(/^E_/),
    message: expect.stringMatching(/ENOSPC|no space/i),
  });
  expect(await ready(installation), 'the server itself needs no temporary files').toBe(200);
  volume.free();
  const after = await ended(requester, (await propose(requester, 'after\n')).op_id);
  expect(after.run?.state).toBe('succeeded');
  const held = 'the plan failed and named the cause; the next was made';
  await reportFault({
    fault: 'disk-full',
    point: 'temporary files',
    database: 'sqlite',
    fired: 1,
    lost: 0,
    twice: 0,
    held,
  });
});
