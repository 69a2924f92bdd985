import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { addExamples, addOutputOptions } from '../program/common-options.ts';
import { printerFor } from '../program/printer.ts';
import { addPlaceOptions, type PlaceOptions, placeOf } from './policy-place-options.ts';

interface InitOptions extends PlaceOptions {
  readonly json?: boolean;
  readonly color: boolean;
  readonly force?: boolean;
}

/** `countersign policy init`: needs no server. */
export function configurePolicyInit(command: Command, session: Session): void {
  command
    .argument('[folder]', 'where they go; else the folder of the configuration, or ./policies')
    .option('--force', 'replace files that are there');
  addPlaceOptions(command, 'as an argument');
  addOutputOptions(command);
  addExamples(command, 'countersign policy init', 'countersign policy init ops/policies --profile solo');
  command.action(async (folder: string | undefined) => {
    const { deps } = session;
    const options = command.opts<InitOptions>();
    const print = printerFor(deps, options);
    const place = { ...placeOf(options), ...(folder !== undefined && { folder }) };
    const written = await deps.commands.initPolicies({ ...place, force: options.force === true });
    for (const file of written) print.text(`wrote ${file}`);
    print.note(
      'Next: edit them, `countersign policy check`, and name the folder in countersign.yaml: policies: {folder: …}',
    );
    print.document({ written });
    session.exitCode = 0;
  });
}
