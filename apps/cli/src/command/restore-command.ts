import { relative, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { addExamples, addOutputOptions } from '../program/common-options.ts';
import type { RestoreReport } from '../program/deps.ts';
import { type Printer, printerFor } from '../program/printer.ts';
import { startSpinner } from '../terminal/spinner.ts';

interface RestoreCommandOptions {
  readonly json?: boolean;
  readonly color: boolean;
  readonly dataDir: string;
  readonly config?: string;
  readonly trust?: string;
}

function tellReport(print: Printer, report: RestoreReport, dataDir: string): void {
  const { backup, database, rows, artifacts, bundles, tree_size: treeSize, open } = report;
  print.text(`${print.colors.green('ok')}: ${backup} restored into ${dataDir} (${database})`);
  print.text(`${rows} rows, ${artifacts} artifacts, ${bundles} bundles; the audit verifies and goes on at ${treeSize}`);
  print.text(print.colors.red('Panic mode is on: what ran after the backup stands here as not yet run.'));
  if (open.length > 0) {
    print.text('Open when the backup was made; cancel those that have run since:');
    for (const id of open) print.text(`  ${id}`);
  }
  print.text('Tokens that were revoked after the backup are valid again: revoke them.');
  print.text(
    `Next: countersign serve --data-dir ${dataDir}, then countersign step-up and countersign panic off --reason "…"`,
  );
}

/** `countersign restore`: needs no server. */
export function configure(command: Command, session: Session): void {
  command
    .argument('<folder>', 'the backup')
    .requiredOption('--data-dir <path>', 'new data folder; with DATABASE_URL the rows go into that empty database')
    .option('--config <path>', 'configuration to go on with; else the one in the backup')
    .option('--trust <file>', 'public keys of the installation, kept elsewhere; else those in the backup');
  addOutputOptions(command);
  addExamples(
    command,
    'countersign restore .countersign/backups/20260301-120000 --data-dir restored',
    'DATABASE_URL=postgres://… countersign restore 20260301-120000 --data-dir /var/lib/countersign',
  );
  command.action(async (folder: string) => {
    const { deps } = session;
    const options = command.opts<RestoreCommandOptions>();
    const print = printerFor(deps, options);
    const spinner = startSpinner(deps.terminal.stderr, !print.json);
    const place = (path: string) => resolve(deps.cwd, path);
    try {
      const report = await deps.commands.restore(
        {
          folder: place(folder),
          dataDir: place(options.dataDir),
          ...(options.config !== undefined && { config: place(options.config) }),
          ...(options.trust !== undefined && { trust: place(options.trust) }),
        },
        (message) => spinner.say(message),
      );
      spinner.stop();
      tellReport(print, report, relative(deps.cwd, report.data_dir) || '.');
      print.document(report);
      session.exitCode = 0;
    } finally {
      spinner.stop();
    }
  });
}
