import { visibleLine } from '@countersign/evidence';
import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { renderTable } from '../render/table.ts';
import { renderTime } from '../render/time.ts';

/** `countersign health`: exit 1 where the server says that it is unavailable. */
export function configure(command: Command, session: Session): void {
  addCommonOptions(command);
  addExamples(command, 'countersign health', 'countersign health --json | jq .status');
  setAction<CommonOptions>(command, session, async ({ client, print }) => {
    const health = await client.call('health');
    const { colors } = print;
    const rows = [
      ['server', health.status, `version ${health.version}, installation ${health.installation}`],
      ['database', health.database.status, health.database.dialect],
      ['audit', 'ready', `${health.audit.tree_size} entries, ${health.audit.unsequenced} without a place yet`],
      ['policy', health.policy.status, health.policy.message === '' ? health.policy.version : health.policy.message],
      ...health.connectors.flatMap(({ connector, version, status, targets }) => [
        [`connector ${connector}`, status, version],
        ...targets.map((target) => [`  target ${target.target}`, target.status, target.message]),
      ]),
      ...health.workers.map(({ worker, status, message, version, last_seen_at: seen }) => [
        `worker ${worker}`,
        status,
        message === '' ? `seen ${renderTime(seen)}, version ${version ?? '-'}` : message,
      ]),
    ];
    print.text(renderTable(['PART', 'STATUS', 'DETAIL'], rows, colors));
    if (health.panic) print.text(colors.red('Panic mode is on: nothing may start.'));
    if (health.frozen.length > 0) print.text(colors.yellow(`Frozen: ${health.frozen.map(visibleLine).join(', ')}`));
    if (health.reviews_open > 0)
      print.text(
        colors.red(
          `${health.reviews_open} operation(s) with broken glass want a review: countersign break-glass ls --open`,
        ),
      );
    print.document(health);
    return health.status === 'unavailable' ? 1 : 0;
  });
}
