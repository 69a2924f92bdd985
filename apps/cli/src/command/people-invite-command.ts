import { CodedError, type Grant, type InviteCreated } from '@countersign/protocol';
import type { Command } from 'commander';
import { collectGrant, collectGroup } from '../input/grant-value.ts';
import { audited, subjectWithoutOperation } from '../local-audit/audited.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { type Context, setAction } from '../program/context.ts';
import { grantsText } from '../render/grant.ts';
import { renderTable } from '../render/table.ts';
import { renderTime } from '../render/time.ts';
import { durationMs } from './token-create-command.ts';

interface InviteOptions extends CommonOptions {
  readonly role?: Grant[];
  readonly group?: string[];
  readonly expires?: number;
}

const expiresOption = ['--expires <time>', 'how long the link is good: 3d, 12h, 15m', durationMs] as const;

function printLink({ print }: Context, made: InviteCreated, what: string): void {
  print.text(made.link);
  print.note(`${what}; good once, until ${renderTime(made.expires_at)}; it is not shown again`);
  print.document(made);
}

/** `countersign people invite`: prints the link, and nothing else on stdout. */
export function configureInvite(command: Command, session: Session): void {
  command
    .argument('<name>', 'name that the person gets')
    .option('--role <role>', 'ROLE, ROLE@PROJECT or ROLE@PROJECT/ENVIRONMENT; may be repeated', collectGrant)
    .option('--group <group>', 'group of approvers; may be repeated', collectGroup)
    .option(...expiresOption);
  addCommonOptions(command);
  addExamples(
    command,
    'countersign people invite alice --role admin',
    'countersign people invite bob --role viewer --role approver@shop/prod --group database --expires 1d',
  );
  setAction<InviteOptions, [string]>(command, session, async (context, { role, group = [], expires }, name) => {
    if (role === undefined) {
      throw new CodedError('E_VALIDATION', 'say what the person may do', {
        field: '--role',
        next: `countersign people invite ${name} --role viewer`,
      });
    }
    const body = { name, grants: role, groups: group, ...(expires !== undefined && { expires_in_ms: expires }) };
    const call = () => context.client.call('inviteCreate', { body });
    const subject = subjectWithoutOperation(name);
    const made = await audited(context, 'people invite', subject, call, ({ invite_id: id }) => `invited ${id}`);
    printLink(context, made, `invites ${made.name} as ${grantsText(made.grants)}`);
    return 0;
  });
}

/** `countersign people reset`. */
export function configureReset(command: Command, session: Session): void {
  command
    .argument('<name>', 'name of the person')
    .option('--clear-factors', 'take away passkeys and the authenticator too', false)
    .option(...expiresOption);
  addCommonOptions(command);
  addExamples(command, 'countersign people reset alice', 'countersign people reset alice --clear-factors');
  setAction<CommonOptions & { clearFactors: boolean; expires?: number }, [string]>(
    command,
    session,
    async (context, { clearFactors, expires }, name) => {
      const body = { clear_factors: clearFactors, ...(expires !== undefined && { expires_in_ms: expires }) };
      const call = () => context.client.call('personReset', { params: { name }, body });
      const subject = subjectWithoutOperation(name);
      const made = await audited(context, 'people reset', subject, call, ({ invite_id: id }) => `reset ${id}`);
      printLink(context, made, `lets ${made.name} set a new password`);
      return 0;
    },
  );
}

/** `countersign people invites`. */
export function configureInvites(command: Command, session: Session): void {
  addCommonOptions(command);
  addExamples(command, 'countersign people invites');
  setAction<CommonOptions>(command, session, async ({ client, print }) => {
    const answer = await client.call('inviteList');
    const rows = answer.invites.map((invite) => [
      invite.invite_id,
      invite.kind,
      invite.name,
      grantsText(invite.grants),
      invite.state,
      renderTime(invite.expires_at),
      invite.invited_by,
    ]);
    print.text(renderTable(['LINK', 'KIND', 'FOR', 'MAY', 'STATE', 'UNTIL', 'MADE BY'], rows, print.colors));
    print.document(answer);
    return 0;
  });
}

/** `countersign people uninvite`. */
export function configureUninvite(command: Command, session: Session): void {
  addCommonOptions(command.argument('<link-id>', 'id of the link; see `countersign people invites`'));
  addExamples(command, 'countersign people uninvite 0198f2a4-7c1e-7000-8000-2f6f1c3a9b10');
  setAction<CommonOptions, [string]>(command, session, async (context, _options, inviteId) => {
    const { client, print } = context;
    const call = () => client.call('inviteRevoke', { params: { invite_id: inviteId } });
    const subject = subjectWithoutOperation(inviteId);
    const revoked = await audited(context, 'people uninvite', subject, call, () => 'revoked');
    print.text(`The link for ${revoked.name} opens nothing any more.`);
    print.document(revoked);
    return 0;
  });
}
