import { resolve } from 'node:path';
import { MeasuresQuery } from '@countersign/protocol';
import { type Command, InvalidArgumentError } from 'commander';
import { measureLog } from '../audit-log/measure-log.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { makeContext } from '../program/context.ts';
import { exitOf } from '../program/exit-code.ts';
import { printerFor } from '../program/printer.ts';
import { renderMeasures } from '../render/measures.ts';

interface MeasuresOptions extends CommonOptions {
  readonly from?: number;
  readonly to?: number;
  readonly project?: string;
  readonly env?: string;
  readonly log?: string;
  readonly check?: boolean;
}

/** A time as people write it: a date, a date with time, or epoch milliseconds. */
function time(text: string): number {
  const at = /^\d{6,}$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isSafeInteger(at) && at >= 0) return at;
  throw new InvalidArgumentError('give a date such as 2026-11-21, or 2026-11-21T08:00:00Z.');
}

/** `countersign measures`: from the server, or with `--log` from a file of the audit log. */
export function configure(command: Command, session: Session): void {
  command
    .option('--from <time>', 'from this time on', time)
    .option('--to <time>', 'up to this time, exclusive', time)
    .option('--project <name>', 'only of this project')
    .option('--env <name>', 'only of this environment')
    .option('--log <file>', 'compute them from this file of audit entries (JSON lines), with no server')
    .option('--check', 'exit with an error where a measure is not met');
  addCommonOptions(command);
  addExamples(
    command,
    'countersign measures --from 2026-11-01 --to 2026-12-01',
    'countersign measures --env prod --check --json',
    'countersign measures --log audit.jsonl',
  );
  command.action(async () => {
    const { deps } = session;
    const options = command.opts<MeasuresOptions>();
    const { from, to, project, env: environment, log } = options;
    const query = MeasuresQuery.parse(JSON.parse(JSON.stringify({ from, to, project, environment })));
    const print = printerFor(deps, options);
    const view =
      log === undefined
        ? await (await makeContext(deps, options)).client.call('measures', { query })
        : await measureLog(resolve(deps.cwd, log), query);
    print.text(renderMeasures(view, print.colors));
    print.document(view);
    const missed = options.check === true && view.measures.some(({ met }) => met === false);
    session.exitCode = missed ? exitOf('E_VERIFY') : 0;
  });
}
