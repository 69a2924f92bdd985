import { writeRate } from '../fixture/governed-write.ts';
import { openInstallation } from '../fixture/installation.ts';
import { alternate } from '../harness/alternate.ts';
import { DurableWrites } from '../harness/fdatasync.ts';
import type { Figure, Row } from '../harness/row.ts';
import { workFolder } from '../harness/work-folder.ts';

const sliceMs = 400;

async function measure(): Promise<Figure[]> {
  using folder = workFolder();
  await using installation = await openInstallation(folder.path, { targets: 1, worker: false });
  const disk = new DurableWrites(folder.path);
  const medians = await alternate(
    { ours: () => writeRate(installation, 1, sliceMs), disk: async () => disk.rate(sliceMs) },
    11,
  );
  disk.close();
  return [
    {
      what: 'operation + audit entry + job, one writer',
      unit: 'units/s',
      ours: medians.ours,
      peer: { name: 'fdatasync/s', value: medians.disk },
      goal: { of: 'ratio', bound: 'at least', value: 0.6 },
    },
  ];
}

export const governedWrite: Row = {
  name: 'governed-write',
  what: 'a governed write, SQLite with synchronous FULL, one writer',
  measure,
};
