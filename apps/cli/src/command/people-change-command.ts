import { CodedError, type Grant } from '@countersign/protocol';
import type { Command } from 'commander';
import { collectGrant, collectGroup } from '../input/grant-value.ts';
import { audited, subjectWithoutOperation } from '../local-audit/audited.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { grantsText } from '../render/grant.ts';

interface GrantOptions extends CommonOptions {
  readonly role?: Grant[];
  readonly group?: string[];
}

function configureGrant(command: Command, session: Session): void {
  command
    .argument('<name>', 'name of the person')
    .option('--role <role>', 'ROLE, ROLE@PROJECT or ROLE@PROJECT/ENVIRONMENT; may be repeated', collectGrant)
    .option('--group <group>', 'group of approvers; may be repeated', collectGroup);
  addCommonOptions(command);
  addExamples(command, 'countersign people grant alice --role viewer --role approver@shop/prod --group database');
  setAction<GrantOptions, [string]>(command, session, async (context, { role, group = [] }, name) => {
    const { client, print } = context;
    if (role === undefined) {
      throw new CodedError('E_VALIDATION', 'say everything that the person may do from now on', {
        field: '--role',
        next: `to end their access: countersign people disable ${name}`,
      });
    }
    const call = () => client.call('personGrant', { params: { name }, body: { grants: role, groups: group } });
    const person = await audited(context, 'people grant', subjectWithoutOperation(name), call, () => 'granted');
    print.text(`${person.name} may ${grantsText(person.grants)} now.`);
    print.document(person);
    return 0;
  });
}

function configureEnable(command: Command, session: Session): void {
  addCommonOptions(command.argument('<name>', 'name of the person'));
  addExamples(command, 'countersign people enable alice');
  setAction<CommonOptions, [string]>(command, session, async (context, _options, name) => {
    const { client, print } = context;
    const call = () => client.call('personEnable', { params: { name }, body: {} });
    const person = await audited(context, 'people enable', subjectWithoutOperation(name), call, () => 'enabled');
    print.text(`${person.name} may sign in again.`);
    print.document(person);
    return 0;
  });
}

function configureEnd(command: Command, session: Session, route: 'personDisable' | 'personSignOut'): void {
  const word = route === 'personDisable' ? 'disable' : 'sign-out';
  addCommonOptions(command.argument('<name>', 'name of the person'));
  addExamples(command, `countersign people ${word} alice`);
  setAction<CommonOptions, [string]>(command, session, async (context, _options, name) => {
    const { client, print } = context;
    const call = () => client.call(route, { params: { name }, body: {} });
    const ended = await audited(context, `people ${word}`, subjectWithoutOperation(name), call, () => 'ended');
    const tokens = route === 'personDisable' ? ` and ${ended.tokens} tokens` : '';
    print.text(`${ended.person.name}: ${ended.sessions} sessions${tokens} ended.`);
    print.document(ended);
    return 0;
  });
}

/** `countersign people grant`, `disable`, `enable`, `sign-out`. */
export function configurePeopleChange(command: Command, session: Session): void {
  configureGrant(command.command('grant').description('Set what a person may do'), session);
  configureEnd(
    command.command('disable').description("End a person's access at once, tokens too"),
    session,
    'personDisable',
  );
  configureEnable(command.command('enable').description('Let a person sign in again'), session);
  configureEnd(command.command('sign-out').description('End every session of a person'), session, 'personSignOut');
}
