import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nodeTerminal } from '@countersign/cli';
import { colorsFor } from '@countersign/cli/render';
import { play, tellEnds } from './demo/play.ts';
import { makeCleanup } from './demo/stage/cleanup.ts';
import { makeTeller } from './demo/stage/teller.ts';

const usage = `npm run demo:devops -- [--json] [--keep] [--no-color] [--pod-image IMAGE]
  --json              one JSON document on stdout
  --keep              leave it running until Ctrl-C
  --pod-image IMAGE   what pods of a cluster of yours run: an image with a shell (busybox:1.36 when left out)`;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    color: { type: 'boolean', default: true },
    help: { type: 'boolean', default: false },
    'pod-image': { type: 'string' },
  },
  allowNegative: true,
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}

const began = performance.now();
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort());

const cleanup = makeCleanup();
// A socket's path may have 107 characters, so the folder stands where paths are short.
const id = randomBytes(2).toString('hex');
const folder = mkdtempSync(join('/tmp', `countersign-demo-${id}-`));
cleanup.add(folder, async () => rmSync(folder, { recursive: true, force: true }));
const ground = { id, folder, cleanup, signal: interrupted.signal };
const { stdout } = nodeTerminal();
const teller = makeTeller(
  (text) => (values.json ? undefined : stdout.write(text)),
  colorsFor(stdout, process.env, values.color && !values.json),
);

async function untilInterrupted(): Promise<void> {
  if (interrupted.signal.aborted) return;
  // A timer keeps the process: a listener for an abort does not.
  const timer = setInterval(() => undefined, 60_000);
  await new Promise<void>((resolve) => interrupted.signal.addEventListener('abort', () => resolve()));
  clearInterval(timer);
}

try {
  const { ends, stage } = await play(ground, teller, { podImage: values['pod-image'] });
  tellEnds(teller, ends);
  const seconds = Math.round((performance.now() - began) / 1000);
  const failed = ends.some(({ state }) => state === 'failed');
  const shown = ends.filter(({ state }) => state === 'shown').length;
  teller.say(`\n${shown} of ${ends.length} parts shown in ${seconds} s`);
  if (failed || shown === 0) process.exitCode = 1;
  if (values.json) {
    const url = values.keep ? (stage?.url ?? null) : null;
    console.log(JSON.stringify({ id, parts: ends, steps: teller.steps, seconds, url }));
  }
  if (values.keep && stage !== null) {
    teller.say(`\nIt goes on at ${stage.url}. In another terminal:`);
    teller.say(`  export COUNTERSIGN_SERVER=${stage.url} COUNTERSIGN_TOKEN=$(cat ${folder}/operator.token)`);
    teller.say('  npx countersign ls\nCtrl-C here ends it and removes what it made.');
    await untilInterrupted();
  }
} catch (error) {
  if (!interrupted.signal.aborted) throw error;
  process.exitCode = 130;
} finally {
  const left = await cleanup.run();
  for (const each of left) console.error(`left behind: ${each}`);
  if (left.length > 0) process.exitCode ||= 1;
}
