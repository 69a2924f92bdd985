import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { addExamples, addOutputOptions } from '../program/common-options.ts';
import { printerFor } from '../program/printer.ts';
import { renderTime } from '../render/time.ts';
import { startSpinner } from '../terminal/spinner.ts';

interface BackupCheckOptions {
  readonly json?: boolean;
  readonly color: boolean;
  readonly trust?: string;
}

/** `countersign backup check`: needs no server. */
export function configureBackupCheck(command: Command, session: Session): void {
  command
    .argument('<folder>', 'a backup')
    .option('--trust <file>', 'public keys of the installation, kept elsewhere; else those in the backup');
  addOutputOptions(command);
  addExamples(command, 'countersign backup check .countersign/backups/20260301-120000');
  command.action(async (folder: string) => {
    const { deps } = session;
    const options = command.opts<BackupCheckOptions>();
    const print = printerFor(deps, options);
    const spinner = startSpinner(deps.terminal.stderr, !print.json);
    const trust = options.trust === undefined ? undefined : resolve(deps.cwd, options.trust);
    const given = { folder: resolve(deps.cwd, folder), ...(trust !== undefined && { trust }) };
    try {
      const manifest = await deps.commands.checkBackup(given, (message) => spinner.say(message));
      spinner.stop();
      const size = manifest.audit?.tree_size ?? 0;
      print.text(`${print.colors.green('ok')}: ${manifest.name} of ${manifest.installation} can be restored`);
      print.text(`made ${renderTime(manifest.made_at)}; its ${size} audit entries give the signed root`);
      const { missing } = manifest.artifacts;
      if (missing.length > 0) print.note(`${missing.length} artifacts were gone when it was made`);
      print.document({ state: 'pass', independent_trust: trust !== undefined, manifest });
      session.exitCode = 0;
    } finally {
      spinner.stop();
    }
  });
}
