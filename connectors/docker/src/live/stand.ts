import { setTimeout as sleep } from 'node:timers/promises';
import { JsonObject } from '@countersign/protocol';
import { z } from 'zod';
import { docker, untilStopped } from './containers.ts';
import { ask, askLines } from './daemon-api.ts';

/** The image that the recreations of the tests lead to: another one with the same programs, healthy at once. */
export const nextImage = 'countersign/next:1';
/** One whose health check never succeeds. */
export const sickImage = 'countersign/sick:1';

/** Makes both images from the tests' own, by commits: no registry and no builder is asked. */
export async function makeImages(): Promise<void> {
  const have = await docker('image', 'ls', '--format', '{{.Repository}}:{{.Tag}}');
  if (have.split('\n').includes(sickImage)) return;
  await docker('rm', '-f', 'countersign-image').catch(() => undefined);
  await docker('create', '--name', 'countersign-image', 'countersign/busybox:1', 'true');
  const changes = (check: string) => [
    ...['-c', 'ENV FLAVOUR=next', '-c', 'WORKDIR /tmp'],
    ...['-c', `HEALTHCHECK --interval=500ms --timeout=2s --retries=2 CMD ${check}`],
  ];
  await docker('commit', ...changes('true'), 'countersign-image', nextImage);
  await docker('commit', ...changes('exit 1'), 'countersign-image', sickImage);
  await docker('rm', '-f', 'countersign-image');
}

const Event = z.object({
  Action: z.string(),
  timeNano: z.number(),
  Actor: z.object({ ID: z.string(), Attributes: z.object({ name: z.string() }) }),
});
type Event = z.infer<typeof Event>;

/** What the daemon itself says happened since then to the containers of these names, and of names that begin with one and a dot. */
export async function eventsOf(names: readonly string[], since: number): Promise<Event[]> {
  const [from, until] = [since, Date.now()].map((ms) => (ms / 1000).toFixed(3));
  const filters = encodeURIComponent('{"type":["container"]}');
  const events = await askLines(`/events?since=${from}&until=${until}&filters=${filters}`);
  return (
    events
      .map((event) => Event.parse(event))
      // Health checks go on, whatever is done.
      .filter(({ Action }) => !Action.startsWith('exec_') && !Action.startsWith('health_status'))
      .filter(({ Actor: { Attributes: at } }) =>
        names.some((name) => at.name === name || at.name.startsWith(`${name}.`)),
      )
  );
}

/** Waits until nothing has happened to the containers for a while: a change that goes on after its caller left shows. */
export async function quiet(names: readonly string[], quietMs: number): Promise<void> {
  for (let from = Date.now(); ; ) {
    await sleep(Math.max(0, from + quietMs - Date.now()) + 10);
    const newest = Math.max(0, ...(await eventsOf(names, from)).map(({ timeNano }) => timeNano / 1e6));
    if (newest <= from) return;
    from = newest;
  }
}

/** A container that is there between tests, and put back into its first state before each. */
export interface Standing {
  readonly name: string;
  readonly running: boolean;
  readonly image: string;
  readonly script: string;
  readonly options: readonly string[];
}

const Seen = z.looseObject({
  Id: z.string(),
  State: JsonObject,
  Config: z.looseObject({ Image: z.string() }),
  HostConfig: z.looseObject({ Memory: z.int(), NanoCpus: z.int(), PidsLimit: z.int().nullable() }),
});

/** Id, state, image and limits, as Docker itself says them; null if it is not there. */
export async function look(name: string): Promise<JsonObject | null> {
  const answer = await ask(`/containers/${name}/json`).catch(() => null);
  if (answer === null) return null;
  const { Id, State, Config, HostConfig: host } = Seen.parse(answer);
  // A health check writes its last results there, whatever is done.
  const { Health: _, ...state } = State;
  return { id: Id, state, image: Config.Image, limits: [host.Memory, host.NanoCpus, host.PidsLimit ?? 0] };
}

function isAsItWas(standing: Standing, seen: JsonObject | null, first: ReadonlyMap<string, string>): boolean {
  if (seen === null || seen['id'] !== first.get(standing.name)) return false;
  const { Status } = JsonObject.parse(seen['state']);
  const wanted = standing.running ? 'running' : 'exited';
  return Status === wanted && JSON.stringify(seen['limits']) === JSON.stringify([67_108_864, 0, 0]);
}

const ids = new Map<string, string>();

/** Puts a container into its first state: made anew unless it is as it was. */
export async function stand(standing: Standing): Promise<string> {
  const { name, running, image, script, options } = standing;
  const known = ids.get(name);
  if (known !== undefined && isAsItWas(standing, await look(name), ids)) return known;
  await docker('rm', '-f', name).catch(() => undefined);
  const command = ['sh', '-c', `echo started; ${script}; ${untilStopped}`];
  const id = await docker('run', '-d', '--name', name, '--memory', '64m', ...options, image, ...command);
  if (!running) await docker('stop', '-t', '2', name);
  ids.set(name, id);
  return id;
}

/** Removes containers that changes left beside the standing ones. */
export async function clear(prefix: string, but: readonly string[] = []): Promise<void> {
  const all = z.array(z.looseObject({ Names: z.array(z.string()) })).parse(await ask('/containers/json?all=true'));
  const names = all.flatMap(({ Names }) => Names.map((name) => name.slice(1)));
  const left = names.filter((name) => name.startsWith(`${prefix}.`) && !but.includes(name));
  if (left.length > 0) await docker('rm', '-f', ...left);
}
