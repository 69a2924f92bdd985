import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DemoOptions, nodeTerminal } from '@countersign/cli';
import { colorsFor } from '@countersign/cli/render';
import { connect } from '@countersign/client';
import { startServer } from '../serve/serve.ts';
import { changeInDev, changeInProd, proveIt, restartContainer, stalePlan } from './scenes.ts';
import { personOf, type Stage } from './stage.ts';

async function play(stage: Stage, container: string | undefined): Promise<void> {
  const title = (number: number, text: string): void =>
    stage.say(`\n${stage.colors.bold(stage.colors.cyan(`${number}. ${text}`))}`);
  title(1, 'A change in dev: planned, shown, run once');
  const bundleId = await changeInDev(stage);
  title(2, 'A change in prod waits for a second person');
  await changeInProd(stage);
  title(3, 'The target moves after the plan: stale, refused');
  await stalePlan(stage);
  title(4, 'The evidence verifies offline; a tampered bundle is caught');
  await proveIt(stage, bundleId);
  const docker = stage.server.context.targets.find((target) => target.connector === 'docker');
  if (docker === undefined) {
    stage.say(stage.colors.dim('\nNo Docker socket here, so no container was restarted.'));
  } else if (container === undefined) {
    stage.say(stage.colors.dim('\nDocker is here. To see a container restarted: npm run demo -- --container NAME'));
  } else {
    title(5, `A container is restarted once: ${container}`);
    await restartContainer(stage, docker.name, container);
  }
}

/** Plays the whole pipeline in a terminal, on a real server with real repositories of its own. */
export async function playDemo(options: DemoOptions): Promise<number> {
  const terminal = nodeTerminal();
  const colors = colorsFor(terminal.stdout, process.env, options.color);
  const folder = options.dataDir ?? mkdtempSync(join(tmpdir(), 'countersign-demo-'));
  const server = await startServer({
    env: {},
    cwd: folder,
    host: '127.0.0.1',
    port: 0,
    dataDir: join(folder, 'data'),
    worker: true,
  });
  try {
    const token = readFileSync(server.firstTokenFile ?? '', 'utf8').trim();
    const admin = connect({ url: server.url, token });
    const stage: Stage = {
      server,
      colors,
      requester: await personOf(server, admin, 'operator', 'actions'),
      approver: await personOf(server, admin, 'reviewer', 'approver'),
      say: (text) => terminal.stdout.write(`${text}\n`),
    };
    stage.say(colors.dim(`A server of its own at ${server.url}, data in ${server.dataDir}`));
    await play(stage, options.container);
    return 0;
  } finally {
    await server.stop();
    if (options.dataDir === undefined) rmSync(folder, { recursive: true, force: true });
  }
}
