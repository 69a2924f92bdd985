import type { Command } from 'commander';
import { carryOutGroup } from '../flow/carry-out-group.ts';
import { fetchGroup, plannedGroup, subjectOfGroup } from '../flow/group-list.ts';
import { tellGroup, watchGroup } from '../flow/watch-group.ts';
import { audited } from '../local-audit/audited.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { renderList } from '../render/group.ts';
import { configureGroupApprove, configureGroupConfirm } from './group-decide-command.ts';

interface StartOptions extends CommonOptions {
  readonly yes?: boolean;
  readonly detach?: boolean;
}

interface StopOptions extends CommonOptions {
  readonly reason?: string;
}

const example = '0198f2a4-7c1e-7000-8000-2f6f1c3a9b10';

function configureShow(command: Command, session: Session): void {
  addCommonOptions(command.argument('<group>', 'id of the group').option('--plans', 'with every plan in full'));
  addExamples(command, `countersign group show ${example}`, `countersign group show ${example} --plans`);
  setAction<CommonOptions & { readonly plans?: boolean }, [string]>(command, session, async (context, options, id) => {
    const group = await fetchGroup(context, id);
    if (options.plans === true) context.print.text(renderList({ ...group, waves: null }, context.print.colors));
    tellGroup(context, group);
    return 0;
  });
}

function configureStart(command: Command, session: Session): void {
  command
    .argument('<group>', 'id of the group')
    .option('-y, --yes', 'answer every question with yes')
    .option('--detach', 'start the first wave, do not follow');
  addCommonOptions(command);
  addExamples(command, `countersign group start ${example}`);
  setAction<StartOptions, [string]>(command, session, async (context, { yes = false, detach = false }, id) => {
    const group = await plannedGroup(context, id);
    context.print.shown(renderList(group, context.print.colors));
    return await carryOutGroup(context, group, { command: 'group start', yes, detach });
  });
}

function configureWatch(command: Command, session: Session): void {
  addCommonOptions(command.argument('<group>', 'id of the group'));
  addExamples(command, `countersign group watch ${example}`);
  setAction<CommonOptions, [string]>(command, session, (context, _options, id) => watchGroup(context, id));
}

function configureStop(command: Command, session: Session): void {
  command.argument('<group>', 'id of the group').option('--reason <text>', 'why, for the audit log and the evidence');
  addCommonOptions(command);
  addExamples(command, `countersign group stop ${example} --reason "the first one is slow"`);
  setAction<StopOptions, [string]>(command, session, async (context, { reason }, id) => {
    const group = await fetchGroup(context, id);
    const body = reason === undefined ? {} : { reason };
    const call = () => context.client.call('groupStop', { params: { group_id: id }, body });
    tellGroup(context, await audited(context, 'group stop', subjectOfGroup(group), call, () => 'stopped'));
    return 0;
  });
}

/** `countersign group`: show, approve, confirm, start, watch, stop. */
export function configure(command: Command, session: Session): void {
  addExamples(command, `countersign group ${example}`, `countersign group start ${example}`);
  configureShow(command.command('show', { isDefault: true }).description('Show a group and its waves'), session);
  configureGroupApprove(command.command('approve').description('Approve all of its plans in one statement'), session);
  configureGroupConfirm(
    command.command('confirm').description('Confirm all of its plans, which you requested'),
    session,
  );
  configureStart(command.command('start').description('Run it wave by wave and follow it'), session);
  configureWatch(command.command('watch').description('Follow its waves'), session);
  configureStop(command.command('stop').description('Let nothing more of it begin'), session);
}
