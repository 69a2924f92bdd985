import type { StorageView } from '@countersign/protocol';
import type { Command } from 'commander';
import { audited, subjectWithoutOperation } from '../local-audit/audited.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { renderSize } from '../render/size.ts';
import { renderTable } from '../render/table.ts';

const days = (value: number | null): string => (value === null ? 'for ever' : `${value} days`);
const budget = (value: number | null): string => (value === null ? 'no budget' : renderSize(value * 1_000_000));

function rowsOf({ database_bytes, artifacts, outputs, removed, retention }: StorageView): string[][] {
  return [
    ['database', '', renderSize(database_bytes), '', ''],
    [
      'artifacts of reads',
      String(artifacts.count),
      renderSize(artifacts.size_bytes),
      days(retention.artifact_days),
      budget(retention.artifact_mb),
    ],
    [
      'output of runs',
      String(outputs.count),
      renderSize(outputs.size_bytes),
      days(retention.output_days),
      budget(retention.output_mb),
    ],
    ['taken; digests kept', String(removed.count), renderSize(removed.size_bytes), '', ''],
  ];
}

function configureStorageShow(command: Command, session: Session): void {
  addCommonOptions(command);
  addExamples(command, 'countersign storage show');
  setAction<CommonOptions>(command, session, async ({ client, print }) => {
    const view = await client.call('storage');
    print.text(renderTable(['WHAT', 'COUNT', 'SIZE', 'KEPT', 'BUDGET'], rowsOf(view), print.colors));
    print.text(`Plans, approvals, bundles and the audit are always kept; other rows ${days(view.retention.row_days)}.`);
    print.document(view);
    return 0;
  });
}

function configureStoragePrune(command: Command, session: Session): void {
  addCommonOptions(command);
  addExamples(command, 'countersign storage prune');
  setAction<CommonOptions>(command, session, async (context) => {
    const { client, print } = context;
    const apply = () => client.call('retentionApply');
    const pass = await audited(context, 'storage prune', subjectWithoutOperation('installation'), apply, () => 'ok');
    const { artifacts, outputs, rows } = pass;
    print.text(
      `taken: ${artifacts.count} artifacts (${renderSize(artifacts.size_bytes)}), ${outputs.count} outputs (${renderSize(outputs.size_bytes)}), ${rows} rows`,
    );
    print.document(pass);
    return 0;
  });
}

/** `countersign storage`: show, prune. */
export function configure(command: Command, session: Session): void {
  configureStorageShow(command.command('show').description('How much is kept, and for how long'), session);
  configureStoragePrune(command.command('prune').description('Take now what was kept long enough'), session);
}
