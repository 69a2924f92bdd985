import type { OperationView } from '@countersign/protocol';
import type { Command } from 'commander';
import { findOperation } from '../connection/find-operation.ts';
import { askTargetName, askYes, nobodyToAsk, printStakes } from '../flow/confirm-prompt.ts';
import { assertFreshProof, decidableDigest } from '../flow/decidable.ts';
import { showPlanned } from '../flow/propose.ts';
import { audited, subjectOf } from '../local-audit/audited.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { type Context, setAction } from '../program/context.ts';
import { addDigestOption, addOperationArgument, checkDigest } from './operation-argument.ts';
import { tellOperation } from './tell-operation.ts';

interface ApproveOptions extends CommonOptions {
  readonly yes?: boolean;
  readonly digest?: string;
  readonly comment?: string;
}

async function agreed(context: Context, operation: OperationView, yes: boolean): Promise<boolean> {
  if (yes) {
    printStakes(context, operation);
    return true;
  }
  if (!context.interactive) throw nobodyToAsk(operation, 'an approval needs a yes');
  if (operation.target.tier === 'dev') return askYes(context, operation, 'Approve exactly this plan?');
  return askTargetName(context, operation, 'approve exactly this plan');
}

/** The one-time token with which somebody approves their own proposal, which the solo profile takes; null where that is not so. */
async function ownConfirmation({ client }: Context, operation: OperationView): Promise<string | null> {
  if (operation.verdict?.profile !== 'solo') return null;
  const { root } = await client.call('whoami');
  if (root !== operation.requester.root) return null;
  return (await client.call('opsConfirmation', { params: { op_id: operation.op_id }, body: {} })).confirmation;
}

/** `countersign approve`: a person signs exactly the plan that is shown. */
export function configure(command: Command, session: Session): void {
  addOperationArgument(command).option('--comment <text>', 'kept with the approval').option('-y, --yes', 'do not ask');
  addCommonOptions(addDigestOption(command));
  addExamples(
    command,
    'countersign approve 0198f2a4-7c1e-7000-8000-2f6f1c3a9b10 --comment "checked with the team"',
    'countersign approve 0198f2a4-7c1e-7000-8000-2f6f1c3a9b10 --yes --digest sha256:…',
  );
  setAction<ApproveOptions, [string]>(command, session, async (context, options, reference) => {
    const operation = await showPlanned(context, await findOperation(context.client, reference));
    checkDigest(operation, options.digest);
    const digest = decidableDigest(operation);
    assertFreshProof(operation);
    if (!(await agreed(context, operation, options.yes === true))) {
      context.print.note('Not approved.');
      context.print.document(operation);
      return 1;
    }
    const { comment } = options;
    const params = { op_id: operation.op_id };
    const call = async () => {
      const confirmation = await ownConfirmation(context, operation);
      const body = {
        digest,
        ...(confirmation !== null && { confirmation }),
        ...(comment !== undefined && { comment }),
      };
      return await context.client.call('opsApprove', { params, body });
    };
    return tellOperation(
      context,
      await audited(context, 'approve', subjectOf(operation), call, ({ display }) => display),
    );
  });
}
