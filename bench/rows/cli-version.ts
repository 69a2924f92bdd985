import { join } from 'node:path';
import { runMs } from '../fixture/processes.ts';
import { alternate } from '../harness/alternate.ts';
import type { Figure, Row } from '../harness/row.ts';

const program = join(import.meta.dirname, '..', '..', 'apps', 'countersign', 'bin', 'countersign.js');

async function measure(): Promise<Figure[]> {
  const medians = await alternate({ ours: () => runMs([program, '--version']), bare: () => runMs(['-e', '0']) }, 21);
  return [
    {
      what: 'countersign --version',
      unit: 'ms',
      ours: medians.ours,
      peer: { name: 'node -e 0', value: medians.bare },
      goal: { of: 'ratio', bound: 'at most', value: 1.25 },
    },
  ];
}

export const cliVersion: Row = { name: 'cli-version', what: 'start and end of the smallest command', measure };
