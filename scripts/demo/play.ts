import type { Colors } from '@countersign/cli/render';
import { proveAll } from './evidence.ts';
import { type Cluster, findCluster } from './ground/cluster.ts';
import { type Daemon, findDaemon } from './ground/docker-daemon.ts';
import { sampleImage } from './ground/sample-image.ts';
import { clusterPart } from './part/cluster-part.ts';
import { dockerPart } from './part/docker-part.ts';
import { jvmPart } from './part/jvm-part.ts';
import type { Ground, Missing, PartTarget, ProvenOperation, Ready } from './part/part.ts';
import { servicePart } from './part/service-part.ts';
import { openInstallation } from './stage/installation.ts';
import type { Stage } from './stage/stage.ts';
import type { PartEnd, Teller } from './stage/teller.ts';

const isMissing = (found: object): found is Missing => 'missing' in found;

/** What a caller may say. */
export interface PlayOptions {
  /** Image of the pods; the sample app's own where the demo's daemon runs them. */
  readonly podImage: string | undefined;
}

type Preparation = readonly [name: string, prepare: () => Promise<Ready | Missing>];

function preparations(ground: Ground, { podImage }: PlayOptions): Preparation[] {
  let daemon: Daemon | undefined;
  let image: string | Missing | undefined;
  return [
    [
      'docker',
      async () => {
        const found = await findDaemon(ground);
        if (isMissing(found)) return found;
        daemon = found;
        image = await sampleImage(found, ground);
        return typeof image === 'string' ? await dockerPart(found, image, ground) : image;
      },
    ],
    [
      'cluster',
      async () => {
        const cluster: Cluster | Missing = await findCluster(daemon, ground);
        if (isMissing(cluster)) return cluster;
        const own = cluster.own && typeof image === 'string' ? image : 'busybox:1.36';
        return await clusterPart(cluster, podImage ?? own, ground);
      },
    ],
    ['jvm', () => jvmPart(ground)],
    ['service', () => servicePart(ground)],
  ];
}

interface Prepared {
  readonly ready: ReadonlyMap<string, Ready>;
  readonly ends: readonly PartEnd[];
}

/** What went wrong, with its causes. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return [error.message.trim(), ...(error.cause === undefined ? [] : [reason(error.cause)])].join(': ');
}

const order = ['agent', 'docker', 'cluster', 'jvm', 'service', 'evidence'];

/** Sets up every part; one that cannot be is told, and does not keep the others. */
async function prepareAll(ground: Ground, teller: Teller, options: PlayOptions): Promise<Prepared> {
  const ready = new Map<string, Ready>();
  const ends: PartEnd[] = [];
  teller.say(teller.colors.bold('What is here'));
  for (const [part, prepare] of preparations(ground, options)) {
    ground.signal.throwIfAborted();
    try {
      const found = await prepare();
      if (isMissing(found)) ends.push({ part, state: 'missing', detail: found.missing, next: found.next });
      else ready.set(part, found);
    } catch (error) {
      ground.signal.throwIfAborted();
      ends.push({ part, state: 'failed', detail: reason(error), next: null });
    }
  }
  const rows = [
    ...[...ready].map(([part, { found }]) => [part, 'here', found]),
    ...ends.map(({ part, state, detail, next }) => [part, state, next === null ? detail : `${detail}: ${next}`]),
  ];
  teller.table(['PART', 'STATE', 'WHAT'], rows);
  return { ready, ends };
}

async function openStage(
  ground: Ground,
  teller: Teller,
  targets: readonly PartTarget[],
  ends: PartEnd[],
): Promise<Stage | null> {
  try {
    const stage = await openInstallation(ground, teller, targets);
    const detail = `one agent beside ${targets.length} targets, a server that knows none of their settings`;
    ends.push({ part: 'agent', state: 'shown', detail, next: null });
    return stage;
  } catch (error) {
    ground.signal.throwIfAborted();
    ends.push({ part: 'agent', state: 'failed', detail: reason(error), next: null });
    return null;
  }
}

async function playParts(stage: Stage, prepared: Prepared, ends: PartEnd[]): Promise<void> {
  const proven: ProvenOperation[] = [];
  const played = async (part: string, detail: string, play: () => Promise<void>): Promise<void> => {
    try {
      await play();
      ends.push({ part, state: 'shown', detail, next: null });
    } catch (error) {
      stage.signal.throwIfAborted();
      ends.push({ part, state: 'failed', detail: reason(error), next: null });
    }
  };
  for (const [part, { found, play }] of prepared.ready)
    await played(part, found, async () => void proven.push(...(await play(stage))));
  await played('evidence', 'every change verified offline', () => proveAll(stage, proven));
}

/** Plays everything that there is; answers how each part ended and the stage that it was played on. */
export async function play(ground: Ground, teller: Teller, options: PlayOptions) {
  const prepared = await prepareAll(ground, teller, options);
  const ends = [...prepared.ends];
  const targets = [...prepared.ready.values()].flatMap((each) => each.targets);
  if (targets.length === 0) return { ends, stage: null };
  const stage = await openStage(ground, teller, targets, ends);
  if (stage !== null) await playParts(stage, prepared, ends);
  return { ends: ends.toSorted((a, b) => order.indexOf(a.part) - order.indexOf(b.part)), stage };
}

/** What was shown, what was not, and why. */
export function tellEnds(teller: Teller, ends: readonly PartEnd[]): void {
  const paint: Record<PartEnd['state'], Colors['green']> = {
    shown: teller.colors.green,
    missing: teller.colors.yellow,
    failed: teller.colors.red,
  };
  teller.say(`\n${teller.colors.bold('Summary')}`);
  for (const { part, state, detail, next } of ends) {
    teller.say(`   ${part.padEnd(10)} ${paint[state](state.padEnd(8))} ${detail}`);
    if (next !== null) teller.say(`   ${''.padEnd(19)} to see it: ${next}`);
  }
}
