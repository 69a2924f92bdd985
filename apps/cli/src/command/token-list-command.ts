import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { renderTable } from '../render/table.ts';
import { renderTime } from '../render/time.ts';

/** `countersign token ls`. */
export function configureTokenList(command: Command, session: Session): void {
  addCommonOptions(command);
  addExamples(command, 'countersign token ls');
  setAction<CommonOptions>(command, session, async ({ client, print }) => {
    const answer = await client.call('tokenList');
    const rows = answer.tokens.map((token) => [
      token.token_id,
      token.name,
      token.ai ? `${token.kind} (AI)` : token.kind,
      token.role,
      token.root,
      token.revoked_at === null ? renderTime(token.expires_at) : 'revoked',
      renderTime(token.last_used_at),
    ]);
    print.text(renderTable(['TOKEN', 'NAME', 'KIND', 'ROLE', 'ROOT', 'UNTIL', 'LAST USED'], rows, print.colors));
    print.document(answer);
    return 0;
  });
}
