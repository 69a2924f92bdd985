import type { Command } from 'commander';
import { audited, subjectWithoutOperation } from '../local-audit/audited.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';

/** `countersign token revoke`. */
export function configureTokenRevoke(command: Command, session: Session): void {
  addCommonOptions(command.argument('<token-id>', 'id of the token; see `countersign token ls`'));
  addExamples(command, 'countersign token revoke 0198f2a4-7c1e-7000-8000-2f6f1c3a9b10');
  setAction<CommonOptions, [string]>(command, session, async (context, _options, tokenId) => {
    const { client, print } = context;
    const call = () => client.call('tokenRevoke', { params: { token_id: tokenId } });
    const revoked = await audited(context, 'token revoke', subjectWithoutOperation(tokenId), call, () => 'revoked');
    print.text(`Revoked ${revoked.token_id}.`);
    print.document(revoked);
    return 0;
  });
}
