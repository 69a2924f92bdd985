import { visibleLine } from '@countersign/evidence';
import type { WorkerView } from '@countersign/protocol';
import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { renderTable } from '../render/table.ts';
import { renderTime } from '../render/time.ts';

function rowsOf(view: WorkerView): string[][] {
  const { worker, status, message, version, skew, credential, connectors, targets } = view;
  const differs = skew === null || skew === 'same' ? '' : ` (${skew})`;
  const about = [
    message,
    view.scope === null ? '' : `scope ${view.scope.targets.join(',')}: ${view.scope.actions.join(',')}`,
  ];
  return [
    [
      worker,
      status,
      `${version ?? '-'}${differs}`,
      renderTime(view.last_seen_at),
      credential,
      about.filter(Boolean).join('; '),
    ],
    ...connectors.map((each) => [`  connector ${each.connector}`, each.status, each.version, '', '', '']),
    ...targets.map((each) => [
      `  target ${each.target}`,
      each.status,
      '',
      '',
      '',
      [each.message, each.actions === null ? '' : `does ${each.actions.join(', ')}`].filter(Boolean).join('; '),
    ]),
  ].map((row) => row.map(visibleLine));
}

/** `countersign workers ls`: exit 1 where one of them is unavailable. */
export function configureWorkersList(command: Command, session: Session): void {
  addCommonOptions(command);
  addExamples(command, 'countersign workers', 'countersign workers ls --json | jq .workers[].skew');
  setAction<CommonOptions>(command, session, async ({ client, print }) => {
    const answer = await client.call('workerList');
    const rows = answer.workers.flatMap(rowsOf);
    print.text(renderTable(['WORKER', 'STATUS', 'VERSION', 'LAST SEEN', 'BY', 'DETAIL'], rows, print.colors));
    print.document(answer);
    return answer.workers.some(({ status }) => status === 'unavailable') ? 1 : 0;
  });
}
