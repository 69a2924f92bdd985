import { type Command, Option } from 'commander';
import { findOperation } from '../connection/find-operation.ts';
import { audited, subjectOf } from '../local-audit/audited.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { addOperationArgument } from './operation-argument.ts';
import { tellOperation } from './tell-operation.ts';

interface ResolveOptions extends CommonOptions {
  readonly outcome: 'applied' | 'not_applied';
  readonly reason: string;
}

/** `countersign resolve`: a person says what they found at the target where the outcome is unknown. */
export function configure(command: Command, session: Session): void {
  addOperationArgument(command)
    .addOption(
      new Option('--outcome <word>', 'what you found at the target')
        .choices(['applied', 'not_applied'])
        .makeOptionMandatory(),
    )
    .requiredOption('--reason <text>', 'how you know');
  addCommonOptions(command);
  addExamples(
    command,
    'countersign resolve 0198f2a4-7c1e-7000-8000-2f6f1c3a9b10 --outcome applied --reason "saw the commit"',
  );
  setAction<ResolveOptions, [string]>(command, session, async (context, options, reference) => {
    const operation = await findOperation(context.client, reference);
    const { outcome, reason } = options;
    const request = { params: { op_id: operation.op_id }, body: { outcome, reason } };
    const call = () => context.client.call('opsResolve', request);
    return tellOperation(
      context,
      await audited(context, 'resolve', subjectOf(operation), call, ({ display }) => display),
    );
  });
}
