import { visibleLine } from '@countersign/evidence';
import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { addExamples, addOutputOptions } from '../program/common-options.ts';
import { printerFor } from '../program/printer.ts';
import { addPlaceOptions, type PlaceOptions, placeOf } from './policy-place-options.ts';

interface CheckOptions extends PlaceOptions {
  readonly json?: boolean;
  readonly color: boolean;
}

/** `countersign policy check`: exit 0 where a server would take them over, else 1. Needs no server. */
export function configurePolicyCheck(command: Command, session: Session): void {
  command.argument('[folder]', 'folder of .cedar files; else that of the configuration, or the shipped ones alone');
  addPlaceOptions(command, 'as an argument');
  addOutputOptions(command);
  addExamples(command, 'countersign policy check', 'countersign policy check ./policies --profile solo');
  command.action(async (folder: string | undefined) => {
    const { deps } = session;
    const options = command.opts<CheckOptions>();
    const print = printerFor(deps, options);
    const report = await deps.commands.checkPolicies({ ...placeOf(options), ...(folder !== undefined && { folder }) });
    for (const { file, line, policy, problem, expected } of report.faults) {
      const place = `${file}${line === null ? '' : `:${line}`}`;
      const which = policy === null ? '' : ` (${policy})`;
      print.text(
        `${place}: ${print.colors.red('fault')}${which}: ${visibleLine(problem)}; expected ${visibleLine(expected)}`,
      );
    }
    if (report.version !== null) {
      const where = report.folder ?? 'shipped policies';
      print.text(
        `${print.colors.green('ok')}: ${report.policies} policies in ${report.files} files (${where}, ${report.profile})`,
      );
      print.text(report.version);
    }
    print.document(report);
    session.exitCode = report.version === null ? 1 : 0;
  });
}
