import type { Command } from 'commander';
import { askPlan } from '../flow/ask-plan.ts';
import { carryOutPlan } from '../flow/carry-out-plan.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';

interface AskOptions extends CommonOptions {
  readonly target?: string;
  readonly project?: string;
  readonly env?: string;
  readonly note?: string;
  readonly yes?: boolean;
}

// What the server takes as a note.
const longestNote = 2000;

/** `countersign ask`: a sentence becomes a typed plan, which then goes the way of `do`. */
export function configure(command: Command, session: Session): void {
  addCommonOptions(
    command
      .argument('<sentence...>', 'what shall be done, in English or Spanish; texts and odd names in quotes')
      .option('--target <name>', 'only on this target')
      .option('--project <name>', 'only in this project')
      .option('--env <name>', 'only in this environment')
      .option('--note <text>', 'why, for those who decide and for the evidence; default: the sentence')
      .option('-y, --yes', 'answer every question about the plan with yes; never gives an approval that is needed'),
  );
  addExamples(
    command,
    'countersign ask "restart the web container in stage"',
    'countersign ask "muestra las últimas 50 líneas del log de api" --env dev',
    `countersign ask 'write "limit=2" to app.conf in sandbox-dev and then show the last 3 commits'`,
  );
  setAction<AskOptions, [string[]]>(command, session, async (context, options, words) => {
    const asked = await askPlan(context, words.join(' '), options);
    if (asked.kind === 'end') return asked.exit;
    context.print.document(asked.view);
    const note = options.note ?? asked.prompt.slice(0, longestNote);
    return await carryOutPlan(context, asked.view, { yes: options.yes ?? false, note });
  });
}
