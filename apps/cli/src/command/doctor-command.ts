import { resolve } from 'node:path';
import type { Command } from 'commander';
import { dataFolder, serverUrl } from '../connection/settings.ts';
import type { Examination } from '../doctor/examination.ts';
import { examineServer } from '../doctor/examine-server.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import type { Printer } from '../program/printer.ts';
import { startSpinner } from '../terminal/spinner.ts';

interface DoctorOptions extends CommonOptions {
  readonly config?: string;
  readonly dataDir?: string;
}

const marks = { pass: '✓', warn: '!', fail: '✗' } as const;

function tell(print: Printer, found: readonly Examination[]): void {
  const { colors } = print;
  const paint = { pass: colors.green, warn: colors.yellow, fail: colors.red };
  const width = Math.max(...found.map(({ id }) => id.length));
  for (const { id, status, message, next } of found) {
    print.text(`${paint[status](marks[status])} ${id.padEnd(width)}  ${message}`);
    if (next !== undefined) print.text(`  ${' '.repeat(width)}  ${colors.dim(`next: ${next}`)}`);
  }
  const count = (status: Examination['status']) => found.filter((each) => each.status === status).length;
  print.text(`\n${count('pass')} in order, ${count('warn')} to look at, ${count('fail')} to mend`);
}

/** `countersign doctor`: exit 1 where something must be mended. */
export function configure(command: Command, session: Session): void {
  command
    .option('--config <path>', 'configuration file (countersign.yaml)')
    .option('--data-dir <path>', 'data folder (COUNTERSIGN_DATA_DIR, else .countersign)');
  addCommonOptions(command);
  addExamples(
    command,
    'countersign doctor',
    'countersign doctor --json | jq ".examinations[] | select(.status!=\\"pass\\")"',
  );
  setAction<DoctorOptions>(command, session, async ({ client, print, deps }, options) => {
    const spinner = startSpinner(deps.terminal.stderr, !print.json);
    const place = (path: string) => resolve(deps.cwd, path);
    try {
      spinner.say('looking at this machine');
      const host = await deps.commands.examineHost({
        dataDir: options.dataDir === undefined ? dataFolder(deps) : place(options.dataDir),
        ...(options.config !== undefined && { config: place(options.config) }),
      });
      spinner.say('looking at the server');
      const { version, now } = deps;
      const server = await examineServer(client, { url: serverUrl(deps, options.server), version, now });
      spinner.stop();
      const examinations = [...host, ...server];
      tell(print, examinations);
      const failed = examinations.some(({ status }) => status === 'fail');
      print.document({ state: failed ? 'fail' : 'pass', examinations });
      return failed ? 1 : 0;
    } finally {
      spinner.stop();
    }
  });
}
