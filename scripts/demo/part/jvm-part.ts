import { join } from 'node:path';
import { z } from 'zod';
import { jdks, startJvm } from '../../../connectors/jvm/src/live/jvms.ts';
import type { Stage } from '../stage/stage.ts';
import { runGist, succeeded, summaryOf } from './answers.ts';
import type { Ground, Missing, ProvenOperation, Ready } from './part.ts';

const part = 'jvm';
const target = 'shop-jvm';
const Deadlocks = z.object({
  threads: z.number(),
  deadlocks: z
    .array(z.array(z.object({ thread: z.string(), waits_for: z.string(), held_by: z.string() })).min(2))
    .min(1),
});

async function play(stage: Stage, name: string): Promise<ProvenOperation[]> {
  const { colors } = stage.teller;
  await stage.show({
    ...{ part, title: 'A JVM stands still: its threads say why' },
    words: ['do', 'jvm.thread_dump', '--target', target, `jvm=${name}`],
    read: (said) => {
      const { threads, deadlocks } = Deadlocks.parse(summaryOf(said));
      return [
        `${threads} threads, ${colors.red(`${deadlocks.length} deadlock`)}:`,
        ...deadlocks
          .flat()
          .map(
            (each) =>
              `  ${colors.bold(each.thread)} waits for a ${each.waits_for} that ${colors.bold(each.held_by)} holds`,
          ),
      ];
    },
  });
  let opId = '';
  await stage.show({
    ...{ part, title: 'One collection of its heap, planned, confirmed and counted' },
    words: ['do', 'jvm.gc', '--target', target, `jvm=${name}`, '--yes'],
    read: (said) => {
      const view = succeeded(said);
      opId = view.op_id;
      return [runGist(stage, view)];
    },
  });
  return [{ part, what: `collection in ${name}`, opId }];
}

/** A small Java program with a deadlock, under a name of its own. */
export async function jvmPart({ id, cleanup }: Ground): Promise<Ready | Missing> {
  const [jdk] = (await jdks()).filter(({ version }) => version >= 17);
  if (jdk === undefined) {
    return {
      missing: 'there is no JDK 17 or newer below /usr/lib/jvm',
      next: 'apt-get install -y --no-install-recommends openjdk-17-jdk-headless',
    };
  }
  const jvm = await startJvm(jdk, [], `Orders${id}`);
  cleanup.add('the JVM', async () => await jvm[Symbol.asyncDispose]());
  return {
    found: `JDK ${jdk.version} in ${jdk.home}, and a program with a deadlock`,
    targets: [{ name: target, environment: 'stage', connector: 'jvm', config: { jcmd: join(jdk.home, 'bin/jcmd') } }],
    play: (stage) => play(stage, jvm.name),
  };
}
