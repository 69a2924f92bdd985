import { visibleLine } from '@countersign/evidence';
import type { GroupView } from '@countersign/protocol';
import type { Context } from '../program/context.ts';
import { openOperations } from './group-list.ts';

/**
 * Asks before a list is signed or run. Outside of dev the number of its operations must be typed: a yes that cannot be given without
 * having looked at how much it is about.
 */
export async function askGroup(context: Context, group: GroupView, question: string): Promise<boolean> {
  const { print, deps } = context;
  const open = openOperations(group);
  const targets = [...new Set(open.map(({ target }) => target.name))];
  print.note(`\n${open.length} operations on ${targets.map(visibleLine).join(', ')}`);
  if (open.every(({ target }) => target.tier === 'dev')) {
    const answer = await deps.terminal.ask(`${question} [y/N] `);
    return /^y(es)?$/i.test(answer?.trim() ?? '');
  }
  const answer = await deps.terminal.ask(`${question} Type how many they are (${open.length}): `);
  return answer?.trim() === String(open.length);
}
