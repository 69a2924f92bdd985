import { planTwoSteps, runToEnd, untilSealed } from '../fixture/carry-out.ts';
import { type Installation, openInstallation } from '../fixture/installation.ts';
import { alternate } from '../harness/alternate.ts';
import { DurableWrites } from '../harness/fdatasync.ts';
import type { Figure, Row } from '../harness/row.ts';
import { workFolder } from '../harness/work-folder.ts';

const clients = 32;
const operationsEach = 12;

/** Operations a second, from the first proposal to the last sealed bundle. */
async function rate(installation: Installation): Promise<number> {
  const startedAt = performance.now();
  const done = await Promise.all(
    installation.targets.map(async (target) => {
      const opIds: string[] = [];
      for (let index = 0; index < operationsEach; index += 1) {
        const { opId, digest } = await planTwoSteps(installation, target);
        await runToEnd(installation, opId, digest);
        opIds.push(opId);
      }
      return opIds;
    }),
  );
  await untilSealed(installation, done.flat());
  return (done.flat().length * 1000) / (performance.now() - startedAt);
}

async function measure(): Promise<Figure[]> {
  using folder = workFolder();
  await using installation = await openInstallation(folder.path, { targets: clients, worker: true });
  const disk = new DurableWrites(folder.path);
  const medians = await alternate({ ours: () => rate(installation), disk: async () => disk.rate(300) });
  disk.close();
  return [
    {
      what: 'plan, approve by policy, run two steps, seal; 32 at once',
      unit: 'operations/s',
      ours: medians.ours,
      peer: null,
      goal: { of: 'ours', bound: 'at least', value: 1000 },
    },
    {
      what: 'the same beside durable writes of the disk',
      unit: 'operations/s',
      ours: medians.ours,
      peer: { name: 'fdatasync/s', value: medians.disk },
      goal: null,
    },
  ];
}

export const pipeline: Row = {
  name: 'pipeline',
  what: 'plan -> approve -> run -> seal with two durable steps, embedded',
  cited: 'DBOS 430/s, Restate 365 to 534/s on the machine of the published figures',
  measure,
};
