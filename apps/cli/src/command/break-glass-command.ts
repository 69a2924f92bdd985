import { type Command, Option } from 'commander';
import { findOperation } from '../connection/find-operation.ts';
import { askTargetName, nobodyToAsk, printStakes } from '../flow/confirm-prompt.ts';
import { decidableDigest } from '../flow/decidable.ts';
import { showPlanned } from '../flow/propose.ts';
import { audited, subjectOf } from '../local-audit/audited.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { renderTable } from '../render/table.ts';
import { renderTime } from '../render/time.ts';
import { addDigestOption, addOperationArgument, checkDigest } from './operation-argument.ts';

interface UseOptions extends CommonOptions {
  readonly reason: string;
  readonly digest?: string;
  readonly yes?: boolean;
}

function configureUse(command: Command, session: Session): void {
  addOperationArgument(command)
    .requiredOption('--reason <text>', 'why it cannot wait; it is read by whoever reviews this')
    .option('-y, --yes', 'do not ask for the name of the target');
  addCommonOptions(addDigestOption(command));
  addExamples(command, 'countersign break-glass use 0198f2a4-7c1e-7000-8000-2f6f1c3a9b10 --reason "the shop is down"');
  setAction<UseOptions, [string]>(command, session, async (context, options, reference) => {
    const { client, print } = context;
    const operation = await showPlanned(context, await findOperation(client, reference));
    checkDigest(operation, options.digest);
    const digest = decidableDigest(operation);
    if (options.yes) printStakes(context, operation);
    else if (!context.interactive) throw nobodyToAsk(operation, 'breaking the glass needs the name of the target');
    else if (!(await askTargetName(context, operation, 'break the glass'))) {
      print.note('The glass is whole; nothing was run.');
      print.document(operation);
      return 1;
    }
    const params = { op_id: operation.op_id };
    const call = () => client.call('opsBreakGlass', { params, body: { digest, reason: options.reason } });
    const said = (answer: { readonly run_id: string }) => `started ${answer.run_id}`;
    const started = await audited(context, 'break-glass', subjectOf(operation), call, said);
    print.text(`${print.colors.red('The glass is broken')}: ${started.run_id} runs. Another person must review this.`);
    print.note(`Follow it: countersign logs -f ${operation.op_id}`);
    print.document(started);
    return 0;
  });
}

interface ReviewOptions extends CommonOptions {
  readonly finding: 'justified' | 'not_justified';
  readonly comment: string;
}

function configureReview(command: Command, session: Session): void {
  addOperationArgument(command)
    .addOption(
      new Option('--finding <word>', 'what you found').choices(['justified', 'not_justified']).makeOptionMandatory(),
    )
    .requiredOption('--comment <text>', 'what you looked at');
  addCommonOptions(command);
  addExamples(command, 'countersign break-glass review 0198f2a4 --finding justified --comment "the outage was real"');
  setAction<ReviewOptions, [string]>(command, session, async (context, { finding, comment }, reference) => {
    const { client, print } = context;
    const operation = await findOperation(client, reference);
    const params = { op_id: operation.op_id };
    const call = () => client.call('opsBreakGlassReview', { params, body: { finding, comment } });
    const answer = await audited(context, 'break-glass review', subjectOf(operation), call, () => finding);
    print.text(`reviewed: ${finding}`);
    print.document(answer);
    return 0;
  });
}

function configureList(command: Command, session: Session): void {
  command.option('--open', 'only those that nobody has reviewed');
  addCommonOptions(command);
  addExamples(command, 'countersign break-glass ls --open');
  setAction<CommonOptions & { readonly open?: boolean }>(command, session, async ({ client, print }, { open }) => {
    const answer = await client.call('breakGlassList', { query: { open: open === true ? 'true' : 'false' } });
    const rows = answer.break_glass.map(({ op_id, at, by, reason, review }) => [
      op_id,
      renderTime(at),
      by,
      review === null ? 'wants a review' : `${review.finding} (${review.by})`,
      reason,
    ]);
    print.text(renderTable(['OPERATION', 'AT', 'BY', 'REVIEW', 'REASON'], rows, print.colors));
    print.document(answer);
    return 0;
  });
}

/** `countersign break-glass`: use, review, ls. */
export function configure(command: Command, session: Session): void {
  configureUse(
    command.command('use').description("Run a plan past freeze, window and others' approval, in your name"),
    session,
  );
  configureReview(command.command('review').description('Say whether somebody else was right to do so'), session);
  configureList(command.command('ls').description('List where it was done'), session);
}
