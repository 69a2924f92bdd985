import { visibleLine } from '@countersign/evidence';
import { CodedError, inventoryKeptMs } from '@countersign/protocol';
import type { Command } from 'commander';
import { audited, subjectWithoutOperation } from '../local-audit/audited.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { renderTable } from '../render/table.ts';
import { wholeNumber } from './whole-number.ts';

interface InventoryOptions extends CommonOptions {
  readonly live?: boolean;
  readonly maxAge?: number;
}

/** How long ago, in the unit that fits. */
function ageText(ageMs: number | null, live: boolean): string {
  if (ageMs === null) return 'not read';
  if (live) return 'read now';
  const seconds = Math.round(ageMs / 1000);
  return seconds < 120 ? `${seconds} s old` : `${Math.round(seconds / 60)} min old`;
}

/** `countersign targets inventory`: exit 1 where a list is missing or older than was asked for. */
export function configureTargetInventory(command: Command, session: Session): void {
  command
    .argument('<target>', 'name of the target; see `countersign targets`')
    .option('--live', 'read it now')
    .option('--max-age <seconds>', 'how old it may be', wholeNumber(0, inventoryKeptMs / 1000));
  addCommonOptions(command);
  addExamples(command, 'countersign targets inventory shop-docker', 'countersign targets inventory shop-docker --live');
  setAction<InventoryOptions, [string]>(command, session, async (context, { live = false, maxAge }, target) => {
    if (live && maxAge !== undefined) {
      const next = 'give one of them';
      throw new CodedError('E_VALIDATION', '--live is an age of 0 already', { field: '--max-age', next });
    }
    const { client, print } = context;
    const body = live ? { max_age_ms: 0 } : maxAge === undefined ? {} : { max_age_ms: maxAge * 1000 };
    const call = () => client.call('targetInventory', { params: { target }, body });
    const subject = subjectWithoutOperation(target);
    const found = await audited(context, 'targets inventory', subject, call, () => 'read');
    for (const { entity, entries, age_ms: ageMs, live: isLive, problem } of found.lists) {
      print.text(`${print.colors.bold(visibleLine(entity))}  ${entries.length}, ${ageText(ageMs, isLive)}`);
      if (problem !== null) print.text(`  ${print.colors.yellow('not as asked')}: ${visibleLine(problem)}`);
      const rows = entries.map(({ name, aliases, labels }) => [
        name,
        aliases.join(', '),
        Object.entries(labels)
          .map(([key, value]) => `${key}=${value}`)
          .join(','),
      ]);
      if (rows.length > 0) print.text(renderTable(['NAME', 'ALSO', 'LABELS'], rows, print.colors));
    }
    if (found.lists.length === 0) print.text(`The connector of ${visibleLine(target)} lists nothing.`);
    print.document(found);
    return found.lists.some(({ problem }) => problem !== null) ? 1 : 0;
  });
}
