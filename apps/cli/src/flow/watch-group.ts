import { setTimeout as sleep } from 'node:timers/promises';
import { visibleLine } from '@countersign/evidence';
import type { GroupView } from '@countersign/protocol';
import type { Context } from '../program/context.ts';
import { exitOf, exitOfFailure } from '../program/exit-code.ts';
import { renderGroup, renderProgress } from '../render/group.ts';
import { fetchGroup } from './group-list.ts';

const pauseMs = 500;
// 128 + SIGINT, what a shell expects of a program that Ctrl-C ended.
const interruptedExit = 130;

/** Whether nothing more happens by itself: it came to its end and what was begun has ended, or is in doubt. */
function isOver({ waves, operations }: GroupView): boolean {
  if (waves === null) return true;
  const underWay = operations.some(
    ({ run }) => run !== null && ['queued', 'running', 'cancelling'].includes(run.state),
  );
  return waves.state !== 'running' && !underWay;
}

/** Exit code of a group as it stands. */
function exitOfGroup({ waves }: GroupView): number {
  if (waves === null || waves.stop === null) return 0;
  return waves.stop.wave === null ? exitOf('E_CANCELLED') : exitOfFailure(waves.stop);
}

/** The group, its waves and the next commands, as they are; answers the exit code. */
export function tellGroup(context: Context, group: GroupView): number {
  const { print } = context;
  print.text(renderGroup(group, print.colors));
  const next = group.waves?.next ?? [];
  if (next.length > 0) print.note('\nNext:');
  for (const command of next) print.next(`  ${visibleLine(command)}`);
  print.document(group);
  return exitOfGroup(group);
}

/** Follows a group until nothing more of it happens, with a line for each change; Ctrl-C leaves it running. */
export async function watchGroup(context: Context, groupId: string): Promise<number> {
  const { print, deps } = context;
  const left = new AbortController();
  const release = deps.terminal.onInterrupt(() => left.abort());
  let said = '';
  try {
    for (;;) {
      const group = await fetchGroup(context, groupId);
      const ended = group.operations.filter(({ run }) => run?.state === 'succeeded').length;
      const line =
        group.waves === null
          ? ''
          : `${renderProgress(group.waves, print.noteColors)} (${ended} of ${group.operations.length} done)`;
      if (line !== said) print.note(line);
      said = line;
      if (isOver(group)) return tellGroup(context, group);
      if (left.signal.aborted) {
        print.note(
          `It goes on. Follow it: countersign group watch ${groupId}; stop it: countersign group stop ${groupId}`,
        );
        print.document(group);
        return interruptedExit;
      }
      await sleep(pauseMs);
    }
  } finally {
    release();
  }
}
