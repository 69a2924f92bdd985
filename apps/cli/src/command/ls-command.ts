import { OperationState } from '@countersign/protocol';
import { type Command, Option } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { renderTable } from '../render/table.ts';
import { renderTime } from '../render/time.ts';
import { wholeNumber } from './whole-number.ts';

interface LsOptions extends CommonOptions {
  readonly state?: OperationState;
  readonly target?: string;
  readonly project?: string;
  readonly env?: string;
  readonly limit: number;
}

/** `countersign ls`: operations, newest first. */
export function configure(command: Command, session: Session): void {
  command
    .addOption(new Option('--state <word>', 'only in this state').choices(OperationState.options))
    .option('--target <name>', 'only on this target')
    .option('--project <name>', 'only in this project')
    .option('--env <name>', 'only in this environment')
    .option('--limit <n>', 'at most so many', wholeNumber(1, 500), 20);
  addCommonOptions(command);
  addExamples(command, 'countersign ls', 'countersign ls --env prod --state planned --json');
  setAction<LsOptions>(command, session, async ({ client, print }, options) => {
    const { state, target, project, env: environment, limit } = options;
    const answer = await client.call('opsList', { query: { state, target, project, environment, limit } });
    const rows = answer.operations.map((operation) => [
      operation.op_id,
      operation.display,
      operation.target.environment,
      operation.target.name,
      operation.steps.map(({ action }) => action).join(', '),
      operation.requester.name,
      renderTime(operation.created_at),
    ]);
    print.text(renderTable(['OPERATION', 'STATUS', 'ENV', 'TARGET', 'ACTION', 'BY', 'CREATED'], rows, print.colors));
    print.document(answer);
    return 0;
  });
}
