import type { Command } from 'commander';
import { audited, subjectWithoutOperation } from '../local-audit/audited.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';

interface ThawOptions extends CommonOptions {
  readonly reason: string;
}

/** `countersign thaw`: lifts a freeze. What became ready meanwhile waits for a word. */
export function configure(command: Command, session: Session): void {
  command
    .argument('<project>', 'project')
    .argument('<environment>', 'environment of it')
    .requiredOption('--reason <text>', 'why, for the audit log');
  addCommonOptions(command);
  addExamples(command, 'countersign thaw shop prod --reason "the quarter is closed"');
  setAction<ThawOptions, [string, string]>(command, session, async (context, { reason }, project, environment) => {
    const { client, print } = context;
    const call = () => client.call('freezeSet', { body: { project, environment, frozen: false, reason } });
    const answer = await audited(context, 'thaw', subjectWithoutOperation('installation'), call, () => 'thawed');
    print.text(`${project}/${environment} is thawed.`);
    print.note('What became ready meanwhile waits: countersign ls, then countersign start ID.');
    print.document(answer);
    return 0;
  });
}
