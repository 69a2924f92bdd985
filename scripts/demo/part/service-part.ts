import { z } from 'zod';
import { serviceProgram } from '../ground/service-files.ts';
import { startService } from '../ground/service-manager.ts';
import type { Stage } from '../stage/stage.ts';
import { runGist, succeeded, summaryOf } from './answers.ts';
import type { Ground, Missing, ProvenOperation, Ready } from './part.ts';

const part = 'service';
const target = 'shop-services';
const Status = z.object({
  manager: z.string(),
  state: z.string(),
  pid: z.number().nullable(),
  last_log_lines: z.array(z.string()),
});

async function status(stage: Stage, title: string, service: string): Promise<z.infer<typeof Status>> {
  let found: z.infer<typeof Status> | undefined;
  await stage.show({
    ...{ part, title },
    words: ['do', 'service.status', '--target', target, `service=${service}`],
    read: (said) => {
      found = Status.parse(summaryOf(said));
      return [`${found.manager}: ${found.state}, process ${found.pid}`, ...found.last_log_lines.slice(-2)];
    },
  });
  if (found?.state !== 'running') throw new Error(`${service} is ${found?.state}`);
  return found;
}

async function play(stage: Stage, service: string): Promise<ProvenOperation[]> {
  const before = await status(stage, 'A service of this machine', service);
  let opId = '';
  await stage.show({
    ...{ part, title: 'It is restarted, and counts as restarted when it was read back' },
    words: ['do', 'service.restart', '--target', target, `service=${service}`, 'stable_seconds=2', '--yes'],
    read: (said) => {
      const view = succeeded(said);
      opId = view.op_id;
      return [runGist(stage, view)];
    },
  });
  const after = await status(stage, 'Another process', service);
  if (after.pid === before.pid) throw new Error(`${service} is the same process as before`);
  return [{ part, what: `restart of ${service}`, opId }];
}

/** A service by the first manager that can be had. */
export async function servicePart(ground: Ground): Promise<Ready | Missing> {
  const started = await startService(ground, serviceProgram);
  if ('missing' in started) return started;
  const { manager, service, config } = started;
  return {
    found: `${manager}, and the service ${service}`,
    targets: [{ name: target, environment: 'stage', connector: 'service', config }],
    play: (stage) => play(stage, service),
  };
}
