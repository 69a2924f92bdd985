import type { Command } from 'commander';
import { audited, subjectWithoutOperation } from '../local-audit/audited.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { printProviders } from './provider-list-command.ts';

/** `countersign provider use`. What is under way keeps the provider that it began with. */
export function configureProviderUse(command: Command, session: Session): void {
  command.argument('<name>', 'name of the provider in the configuration, or rules');
  addCommonOptions(command);
  addExamples(command, 'countersign provider use local_ollama', 'countersign provider use rules');
  setAction<CommonOptions, [string]>(command, session, async (context, _options, name) => {
    const { client, print } = context;
    const change = () => client.call('providerSwitch', { body: { active: name } });
    const answer = await audited(context, 'provider use', subjectWithoutOperation(name), change, (done) => done.active);
    printProviders(print, answer);
    print.document(answer);
    return 0;
  });
}
