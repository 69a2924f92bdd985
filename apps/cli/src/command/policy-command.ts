import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { renderTable } from '../render/table.ts';
import { configurePolicyCheck } from './policy-check-command.ts';
import { configurePolicyExplain } from './policy-explain-command.ts';
import { configurePolicyInit } from './policy-init-command.ts';
import { configurePolicyTest } from './policy-test-command.ts';

function configureList(command: Command, session: Session): void {
  addCommonOptions(command);
  addExamples(command, 'countersign policy ls');
  setAction<CommonOptions>(command, session, async ({ client, print }) => {
    const answer = await client.call('policyShow');
    const rows = answer.policies.map(({ id, effect, file, line }) => [id, effect, `${file}:${line}`]);
    print.text(renderTable(['POLICY', 'EFFECT', 'FILE'], rows, print.colors));
    for (const { file, line, problem } of answer.faults)
      print.note(`${print.noteColors.red('not taken over')}: ${file}${line === null ? '' : `:${line}`}: ${problem}`);
    print.document(answer);
    return 0;
  });
}

function configureReload(command: Command, session: Session): void {
  addCommonOptions(command);
  addExamples(command, 'countersign policy reload');
  setAction<CommonOptions>(command, session, async ({ client, print }) => {
    const answer = await client.call('policyReload', { body: {} });
    print.text(answer.version);
    const redecided = `${answer.redecided} waiting operation(s) are decided otherwise now`;
    print.note(answer.changed ? `Other policies decide from here on; ${redecided}.` : 'Nothing has changed.');
    print.document(answer);
    return 0;
  });
}

/** `countersign policy`: init, check, test, explain; ls and reload at a server. */
export function configure(command: Command, session: Session): void {
  configurePolicyInit(command.command('init').description('Write the shipped policies here, to edit them'), session);
  configurePolicyCheck(command.command('check').description('Validate policies; needs no server'), session);
  configurePolicyTest(
    command.command('test').description('Run a table of expected verdicts; needs no server'),
    session,
  );
  configurePolicyExplain(
    command.command('explain').description('Say why somebody may or may not do something'),
    session,
  );
  configureList(command.command('ls').description('List the policies that decide at the server'), session);
  configureReload(command.command('reload').description('Have the server read its policy files again'), session);
}
