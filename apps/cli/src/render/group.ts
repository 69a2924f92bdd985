import { visibleLine } from '@countersign/evidence';
import type { GroupView, OperationView, WavesView } from '@countersign/protocol';
import type { Colors } from './colors.ts';
import { renderOperation } from './operation.ts';
import { renderTable } from './table.ts';

function stateText(state: string, { green, red, yellow, dim }: Colors): string {
  if (state === 'succeeded') return green(state);
  if (state === 'failed' || state === 'stopped') return red(state);
  return state === 'running' ? yellow(state) : dim(state);
}

/** How far a group is: one word for the group, a mark for each wave. */
export function renderProgress({ state, waves }: WavesView, colors: Colors): string {
  const done = waves.filter((wave) => wave.state === 'succeeded').length;
  const marks = waves.map((wave, index) => `${index + 1} ${stateText(wave.state.replace('_', ' '), colors)}`);
  return `${stateText(state, colors)}, ${done} of ${waves.length} waves: ${marks.join(', ')}`;
}

function rowsOf({ operations, waves }: GroupView): string[][] {
  const of = new Map(operations.map((operation) => [operation.op_id, operation]));
  const row = (wave: string, name: string, target: string, operation: OperationView | undefined): string[] => [
    wave,
    name,
    target,
    operation?.display ?? '-',
    operation?.op_id ?? '-',
    operation?.run?.failure?.message ?? operation?.plan?.error?.message ?? '',
  ];
  if (waves === null) return operations.map((operation) => row('-', '-', operation.target.name, operation));
  return waves.waves.flatMap(({ members }, index) =>
    members.map(({ op_id, name, target }) => row(String(index + 1), name, target, of.get(op_id))),
  );
}

/** A group as a table of its waves, how far it is, and why it stopped. */
export function renderGroup(group: GroupView, colors: Colors): string {
  const { waves } = group;
  const lines = [
    `${colors.bold('Group')} ${group.group_id}${waves === null ? '' : `  ${renderProgress(waves, colors)}`}`,
  ];
  if (waves !== null) {
    const asked = waves.labels === null ? '' : ` for ${visibleLine(waves.labels)}`;
    lines.push(`  ${visibleLine(waves.action)}${asked}, proposed by ${visibleLine(waves.requester)}`);
  }
  lines.push('', renderTable(['WAVE', 'NAME', 'TARGET', 'STATUS', 'OPERATION', 'WHY'], rowsOf(group), colors));
  if (waves?.stop != null) {
    const { wave, code, reason } = waves.stop;
    const where = wave === null ? '' : ` in wave ${wave}`;
    lines.push(
      '',
      `${colors.red('Stopped')}${where}: ${visibleLine(reason)} (${visibleLine(code)}); the rest was not started`,
    );
  }
  return lines.join('\n');
}

/** Every operation of a group in full, then the table: what a person reads before they sign the list. */
export function renderList(group: GroupView, colors: Colors): string {
  const each = group.operations.map((operation) => renderOperation(operation, colors));
  return [...each, renderGroup(group, colors)].join('\n\n');
}
