import { visibleLine } from '@countersign/evidence';
import { CodedError, type ManagedTarget, type Tier } from '@countersign/protocol';
import { type Command, Option } from 'commander';
import { collectSecret, collectSetting, type Setting, settingsWith } from '../input/target-settings.ts';
import { audited, subjectWithoutOperation } from '../local-audit/audited.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { type Context, setAction } from '../program/context.ts';

interface SettingOptions extends CommonOptions {
  readonly worker?: string;
  readonly set?: Setting[];
  readonly secret?: Setting[];
}
interface AddOptions extends SettingOptions {
  readonly connector?: string;
  readonly project?: string;
  readonly environment?: string;
  readonly tier?: Tier;
}

function settingOptions(command: Command): Command {
  return command
    .option('--worker <name>', 'worker that serves it; see `countersign workers`')
    .option('--set <name=value>', 'setting of the connector, such as path=/srv/shop; may be repeated', collectSetting)
    .option(
      '--secret <name=place>',
      'where the worker finds a secret: NAME=file:PATH, env: or credential:',
      collectSecret,
    );
}

function told({ print }: Context, what: string, target: ManagedTarget): number {
  print.text(
    `${what} ${target.name} (${target.project}/${target.environment}, ${target.tier}) for worker ${target.worker}.`,
  );
  print.document(target);
  return 0;
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

/** Tells whether the target that was just added works: it stands either way, and its worker may come later. */
async function tellReadiness({ client, print }: Context, target: string): Promise<void> {
  const { status, workers } = await client.call('targetTest', { params: { target }, body: {} });
  const { green, yellow } = print.noteColors;
  for (const { worker, message } of workers) {
    print.note(`${(status === 'ready' ? green : yellow)(status)}: ${visibleLine(worker)}: ${visibleLine(message)}`);
  }
  if (status !== 'ready')
    print.next(`Nothing can be done there yet. When that is put right: countersign targets test ${target}`);
}

/** `countersign targets add`. */
export function configureTargetAdd(command: Command, session: Session): void {
  command
    .argument('<name>', 'name of the target')
    .option('--connector <connector>', 'kind of system')
    .option('--project <project>', 'project that it belongs to')
    .option('--environment <environment>', 'environment of the project')
    .addOption(new Option('--tier <tier>', 'left out, the environment is called so').choices(['dev', 'stage', 'prod']));
  addCommonOptions(settingOptions(command));
  addExamples(
    command,
    'countersign targets add shop-web --connector docker --project shop --environment stage --worker shop-1 --set socket=/var/run/docker.sock',
  );
  setAction<AddOptions, [string]>(command, session, async (context, options, name) => {
    const { connector, project, environment, tier, worker, set = [], secret = [] } = options;
    if (connector === undefined || project === undefined || environment === undefined) {
      const field = connector === undefined ? '--connector' : project === undefined ? '--project' : '--environment';
      throw new CodedError('E_VALIDATION', `say ${field.slice(2)}`, { field, next: 'countersign targets add --help' });
    }
    const settings = settingsWith({}, [...set, ...secret]);
    const body = { name, connector, project, environment, settings, ...(tier && { tier }), ...(worker && { worker }) };
    const call = () => context.client.call('targetAdd', { body });
    const added = await audited(context, 'targets add', subjectWithoutOperation(name), call, () => 'added');
    const code = told(context, 'Added', added);
    // It was added, whatever becomes of the look at it.
    await tellReadiness(context, name).catch((cause: unknown) => {
      context.print.next(
        `It could not be looked at (${visibleLine(messageOf(cause))}): countersign targets test ${name}`,
      );
    });
    return code;
  });
}

/** `countersign targets set`. */
export function configureTargetSet(command: Command, session: Session): void {
  addCommonOptions(settingOptions(command.argument('<name>', 'name of the target')));
  addExamples(
    command,
    'countersign targets set shop-web --set socket=/run/docker.sock',
    'countersign targets set shop-web --worker shop-2',
  );
  setAction<SettingOptions, [string]>(command, session, async (context, { worker, set = [], secret = [] }, target) => {
    const changes = [...set, ...secret];
    if (changes.length === 0 && worker === undefined) {
      throw new CodedError('E_VALIDATION', 'say what to change', {
        field: '--set',
        next: 'use --set, --secret or --worker',
      });
    }
    const standing = await context.client.call('targetSettings', { params: { target } });
    const body = {
      revision: standing.revision,
      settings: settingsWith(standing.settings, changes),
      ...(worker && { worker }),
    };
    const call = () => context.client.call('targetChange', { params: { target }, body });
    const changed = await audited(context, 'targets set', subjectWithoutOperation(target), call, () => 'changed');
    return told(context, 'Changed', changed);
  });
}

/** `countersign targets rm`. */
export function configureTargetRemove(command: Command, session: Session): void {
  addCommonOptions(command.argument('<name>', 'name of the target'));
  addExamples(command, 'countersign targets rm shop-web');
  setAction<CommonOptions, [string]>(command, session, async (context, _options, target) => {
    const call = () => context.client.call('targetRemove', { params: { target } });
    const removed = await audited(context, 'targets rm', subjectWithoutOperation(target), call, () => 'removed');
    return told(context, 'Removed', removed);
  });
}
