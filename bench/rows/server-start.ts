import { join } from 'node:path';
import { residentMb } from '@countersign/testing';
import { bundle } from '../../scripts/build/bundle.ts';
import { forkListening } from '../fixture/processes.ts';
import { alternate } from '../harness/alternate.ts';
import type { Figure, Row } from '../harness/row.ts';
import { median } from '../harness/statistics.ts';
import { workFolder } from '../harness/work-folder.ts';

const fixtures = join(import.meta.dirname, '..', 'fixture');
const main = join(import.meta.dirname, '..', '..', 'apps', 'countersign', 'src', 'main.ts');
const settleMs = 1500;

async function measure(): Promise<Figure[]> {
  using folder = workFolder();
  const built = join(folder.path, 'dist', 'countersign.js');
  await bundle({ entry: main, file: built });
  const env = { COUNTERSIGN_DATA_DIR: join(folder.path, 'data'), COUNTERSIGN_PORT: '0' };
  const memoryMb = new Map<string, number[]>([
    [main, []],
    [built, []],
  ]);
  const serve = async (entry: string): Promise<number> => {
    await using server = await forkListening(join(fixtures, 'serve-ours.ts'), [entry, 'serve'], env);
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    memoryMb.get(entry)?.push(residentMb(server.pid));
    return server.readyMs;
  };
  const medians = await alternate({
    built: () => serve(built),
    source: () => serve(main),
    async bare() {
      await using server = await forkListening(join(fixtures, 'serve-bare.ts'), ['node'], {});
      return server.readyMs;
    },
  });
  const started = (what: string, ours: number): Figure => ({
    what,
    unit: 'ms',
    ours,
    peer: { name: 'bare node:http server', value: medians.bare },
    goal: { of: 'ratio', bound: 'at most', value: 3 },
  });
  const memory = (what: string, entry: string): Figure => ({
    what,
    unit: 'MB',
    ours: median(memoryMb.get(entry) ?? []),
    peer: null,
    goal: { of: 'ours', bound: 'at most', value: 120 },
  });
  return [
    started('start until listening, built, data folder exists', medians.built),
    started('start until listening, from source', medians.source),
    memory('idle memory, built', built),
    memory('idle memory, from source', main),
  ];
}

export const serverStart: Row = {
  name: 'server-start',
  what: 'countersign serve with its sandbox and embedded worker',
  cited: 'n8n 4.7 s and 663 MB on the machine of the published figures',
  dominates:
    'about 0.4 s of processor time more than bare node until it listens: loading and compiling the code, and the schemas; then the memory of Cedar in WebAssembly. A compile cache gave 40 ms of 480 for what is built.',
  changed: [
    'the Docker SDK, which brings SSH and gRPC, is loaded when a daemon is first asked; policies are parsed after the server listens; bundles say that they are ES modules, which Node else finds out by reading each twice. 524 ms before.',
  ],
  measure,
};
