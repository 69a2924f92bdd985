import { setTimeout as delay } from 'node:timers/promises';
import { type BackupView, CodedError } from '@countersign/protocol';
import type { Command } from 'commander';
import { audited, subjectWithoutOperation } from '../local-audit/audited.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { type Context, setAction } from '../program/context.ts';
import { renderSize } from '../render/size.ts';
import { startSpinner } from '../terminal/spinner.ts';

const lookEveryMs = 250;

async function standing(context: Context, begun: BackupView): Promise<BackupView> {
  const { client, print, deps } = context;
  const spinner = startSpinner(deps.terminal.stderr, !print.json);
  try {
    for (;;) {
      const { backups } = await client.call('backupList');
      const found = backups.find(({ name }) => name === begun.name);
      if (found === undefined)
        throw new CodedError('E_NOT_FOUND', `the server no longer knows the backup ${begun.name}`);
      if (found.state !== 'running') return found;
      spinner.say(`${found.message}: ${found.rows} rows, ${renderSize(found.size_bytes)}`);
      await delay(lookEveryMs);
    }
  } finally {
    spinner.stop();
  }
}

/** `countersign backup make`: begins one on the server and waits until it stands. */
export function configureBackupMake(command: Command, session: Session): void {
  addCommonOptions(command);
  addExamples(command, 'countersign backup make');
  setAction<CommonOptions>(command, session, async (context) => {
    const { client, print } = context;
    const subject = subjectWithoutOperation('installation');
    const begin = () => client.call('backupMake');
    const begun = await audited(context, 'backup', subject, begin, ({ name }) => name);
    const made = await standing(context, begun);
    print.document(made);
    if (made.state === 'failed') {
      print.note(print.noteColors.red(`The backup ${made.name} failed: ${made.message}`));
      return 1;
    }
    print.text(`${print.colors.green('ok')}: ${made.rows} rows and ${renderSize(made.size_bytes)} in ${made.folder}`);
    print.note('It holds the keys: keep it where only you can read it. Check it with `countersign backup check`.');
    return 0;
  });
}
