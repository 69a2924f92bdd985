import { Argument, type Command } from 'commander';
import { audited, subjectWithoutOperation } from '../local-audit/audited.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';

/** `countersign panic`: while on, nothing starts and running work stops between steps. */
export function configure(command: Command, session: Session): void {
  command
    .addArgument(new Argument('<word>', 'what panic mode shall be').choices(['on', 'off']))
    .requiredOption('--reason <text>', 'why, for the audit log');
  addCommonOptions(command);
  addExamples(
    command,
    'countersign panic on --reason "wrong release is rolling out"',
    'countersign step-up && countersign panic off --reason "release stopped"',
  );
  setAction<CommonOptions & { reason: string }, ['on' | 'off']>(command, session, async (context, { reason }, word) => {
    const { client, print } = context;
    const body = { on: word === 'on', reason };
    const call = () => client.call('panicSet', { body });
    const subject = subjectWithoutOperation('installation');
    const answer = await audited(context, `panic ${word}`, subject, call, ({ on }) => (on ? 'on' : 'off'));
    print.text(answer.on ? print.colors.red('Panic mode is on: nothing may start.') : 'Panic mode is off.');
    if (!answer.on) print.note('What became ready meanwhile waits: countersign ls, then countersign start ID.');
    print.document(answer);
    return 0;
  });
}
