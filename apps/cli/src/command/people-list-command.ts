import type { PersonView } from '@countersign/protocol';
import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { grantsText } from '../render/grant.ts';
import { renderTable } from '../render/table.ts';
import { renderTime } from '../render/time.ts';

function proofsText({ proofs }: PersonView): string {
  const { password, issuer, totp, passkeys } = proofs;
  const all = [
    ...(password ? ['password'] : []),
    ...(issuer === null ? [] : [issuer]),
    ...(totp ? ['totp'] : []),
    ...(passkeys === 0 ? [] : [`${passkeys} passkey${passkeys === 1 ? '' : 's'}`]),
  ];
  return all.length === 0 ? '-' : all.join(' ');
}

/** `countersign people ls`. */
export function configurePeopleList(command: Command, session: Session): void {
  addCommonOptions(command);
  addExamples(command, 'countersign people ls');
  setAction<CommonOptions>(command, session, async ({ client, print }) => {
    const answer = await client.call('peopleList');
    const rows = answer.people.map((person) => [
      person.name,
      person.state,
      grantsText(person.grants),
      person.groups.join(' ') || '-',
      proofsText(person),
      renderTime(person.signed_in_at),
    ]);
    print.text(renderTable(['PERSON', 'STATE', 'MAY', 'GROUPS', 'PROVES BY', 'SIGNED IN'], rows, print.colors));
    print.document(answer);
    return 0;
  });
}

/** `countersign people sessions`. */
export function configurePeopleSessions(command: Command, session: Session): void {
  addCommonOptions(command.argument('<name>', 'name of the person'));
  addExamples(command, 'countersign people sessions alice');
  setAction<CommonOptions, [string]>(command, session, async ({ client, print }, _options, name) => {
    const answer = await client.call('personSessions', { params: { name } });
    const rows = answer.sessions.map((each) => [
      each.session_id,
      each.method,
      each.address,
      renderTime(each.seen_at),
      renderTime(each.expires_at),
      each.user_agent,
    ]);
    print.text(renderTable(['SESSION', 'BY', 'FROM', 'LAST SEEN', 'UNTIL', 'BROWSER'], rows, print.colors));
    print.document(answer);
    return 0;
  });
}
