import { ApiError } from '@countersign/client';
import { visible, visibleLine } from '@countersign/evidence';
import { type ApprovedView, approvedIdOf, type DraftView, uuidOfOperationRef } from '@countersign/protocol';
import type { Command } from 'commander';
import { findOperationId } from '../connection/find-operation.ts';
import { askTargetName, askYes, nobodyToAsk, printStakes } from '../flow/confirm-prompt.ts';
import { assertFreshProof, decidableDigest } from '../flow/decidable.ts';
import { showPlanned } from '../flow/propose.ts';
import { audited, subjectOf, subjectWithoutOperation } from '../local-audit/audited.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { type Context, setAction } from '../program/context.ts';
import { renderTable } from '../render/table.ts';
import { renderTime } from '../render/time.ts';
import { addDigestOption, checkDigest } from './operation-argument.ts';

/** The id behind a draft's, an approved one's or an operation's own, or the beginning of the last. */
export async function draftId({ client }: Context, reference: string): Promise<string> {
  return uuidOfOperationRef(reference) ?? (await findOperationId(client, reference));
}

/** Adds the draft that a command is about. */
export function addDraftArgument(command: Command): Command {
  return command.argument('<draft>', 'd_… or an operation id, or its first characters (at least 8)');
}

function tell({ print }: Context, draft: DraftView): number {
  const { colors } = print;
  const by = draft.provider === null ? 'a person' : `provider ${visibleLine(draft.provider)}`;
  const lines = [
    `${colors.bold('Draft')} ${draft.id}  ${colors.bold(draft.status)}`,
    `  ${colors.dim('prompt')}    ${visibleLine(draft.prompt)}`,
    `  ${colors.dim('by')}        ${draft.ai ? `${by}, an AI had a hand in it` : by}`,
    `  ${colors.dim('for')}       ${draft.kind === 'steps' ? visibleLine(draft.target.name) : visibleLine(draft.agent ?? 'any agent')}`,
    `  ${colors.dim('revision')}  ${draft.revision}`,
    ...(draft.error === null
      ? []
      : [`  ${colors.dim('error')}     ${draft.error.code}: ${visibleLine(draft.error.message)}`]),
    '',
    visible(draft.content),
  ];
  print.text(lines.join('\n'));
  for (const next of draft.next) print.next(`next: ${next}`);
  print.document(draft);
  return draft.status === 'error' ? 1 : 0;
}

function configureList(command: Command, session: Session): void {
  command.option('--rejected', 'those that were rejected lately');
  addCommonOptions(command);
  addExamples(command, 'countersign drafts ls');
  setAction<CommonOptions & { rejected?: boolean }>(command, session, async (context, { rejected = false }) => {
    const { client, print } = context;
    const answer = await client.call('draftList', { query: { status: rejected ? 'rejected' : 'pending' } });
    const rows = answer.drafts.map(({ id, status, created_at: at, target, prompt }) => [
      id,
      status,
      renderTime(at),
      target.name,
      visibleLine(prompt).slice(0, 60),
    ]);
    print.text(renderTable(['DRAFT', 'STATUS', 'CREATED', 'TARGET', 'PROMPT'], rows, print.colors));
    print.document(answer);
    return 0;
  });
}

function configureShow(command: Command, session: Session): void {
  addCommonOptions(addDraftArgument(command));
  addExamples(command, 'countersign drafts show d_01M8HS2Q32EP3B9CF54GXFZ7DA');
  setAction<CommonOptions, [string]>(command, session, async (context, _options, reference) =>
    tell(context, await context.client.call('draftGet', { params: { draft_id: await draftId(context, reference) } })),
  );
}

interface NewOptions extends CommonOptions {
  readonly agent?: string;
  readonly content?: string;
  readonly generate?: boolean;
}

function configureNew(command: Command, session: Session): void {
  command
    .argument('<prompt>', 'what an agent is to do; "-" reads it from standard input')
    .option('--agent <name>', 'only the agent of this name gets it')
    .option('--content <text>', 'what is handed over, where that is not the prompt')
    .option('--generate', 'have the active provider write it');
  addCommonOptions(command);
  addExamples(
    command,
    'countersign drafts new "tidy up the changelog"',
    'countersign drafts new --generate "mend the build"',
  );
  setAction<NewOptions, [string]>(command, session, async (context, options, words) => {
    const prompt = words === '-' ? await context.deps.terminal.stdin.readAll() : words;
    const { agent, content, generate = false } = options;
    const request_id = context.deps.randomId();
    const named = { prompt, request_id, ...(agent !== undefined && { agent }) };
    const call = () =>
      generate
        ? context.client.call('draftGenerate', { body: named })
        : context.client.call('draftCreate', { body: { ...named, ...(content !== undefined && { content }) } });
    return tell(context, await audited(context, 'drafts new', subjectWithoutOperation('drafts'), call, ({ id }) => id));
  });
}

interface DecideOptions extends CommonOptions {
  readonly yes?: boolean;
  readonly digest?: string;
  readonly comment?: string;
}

function isApproved(answer: ApprovedView | DraftView): answer is ApprovedView {
  return 'approved_by' in answer;
}

/**
 * Approves a draft. One's own typed steps take the one-time token: what was just shown and agreed to is confirmed with it.
 * Answers what was approved, or the draft where others have to approve it too.
 */
async function approve(
  { client }: Context,
  id: string,
  decision: { readonly digest: string; readonly comment?: string },
): Promise<ApprovedView | DraftView> {
  try {
    return await client.call('draftApprove', { params: { draft_id: id }, body: decision });
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'E_CONFIRMATION_INVALID') throw error;
  }
  const params = { op_id: id };
  const { confirmation } = await client.call('opsConfirmation', { params, body: {} });
  await client.call('opsConfirm', { params, body: { ...decision, confirmation } });
  try {
    return await client.call('approvedGet', { params: { approved_id: approvedIdOf(id) } });
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'E_NOT_FOUND') throw error;
    return await client.call('draftGet', { params: { draft_id: id } });
  }
}

function configureApprove(command: Command, session: Session): void {
  addDraftArgument(command).option('--comment <text>', 'kept with the approval').option('-y, --yes', 'do not ask');
  addCommonOptions(addDigestOption(command));
  addExamples(command, 'countersign drafts approve d_01M8HS2Q32EP3B9CF54GXFZ7DA');
  setAction<DecideOptions, [string]>(command, session, async (context, options, reference) => {
    const { client, print } = context;
    const id = await draftId(context, reference);
    const operation = await showPlanned(context, await client.call('opsGet', { params: { op_id: id } }));
    checkDigest(operation, options.digest);
    const digest = decidableDigest(operation);
    assertFreshProof(operation);
    if (options.yes === true) printStakes(context, operation);
    else if (!context.interactive) throw nobodyToAsk(operation, 'an approval needs a yes');
    else {
      const dev = operation.target.tier === 'dev';
      const agreed = dev
        ? await askYes(context, operation, 'Approve exactly this?')
        : await askTargetName(context, operation, 'approve exactly this');
      if (!agreed) {
        print.note('Not approved.');
        return 1;
      }
    }
    const decision = { digest, ...(options.comment !== undefined && { comment: options.comment }) };
    const call = () => approve(context, id, decision);
    const answer = await audited(context, 'drafts approve', subjectOf(operation), call, ({ id: given }) => given);
    if (!isApproved(answer)) return Math.max(5, tell(context, answer));
    print.text(`${print.colors.green('approved')} ${answer.id} by ${visibleLine(answer.approved_by)}`);
    print.next(`next: countersign start ${answer.op_id}`);
    print.document(answer);
    return 0;
  });
}

function configureReject(command: Command, session: Session): void {
  addDraftArgument(command).requiredOption('--reason <text>', 'why');
  addCommonOptions(command);
  addExamples(command, 'countersign drafts reject d_01M8HS2Q32EP3B9CF54GXFZ7DA --reason "not now"');
  setAction<CommonOptions & { reason: string }, [string]>(command, session, async (context, { reason }, reference) => {
    const id = await draftId(context, reference);
    const operation = await context.client.call('opsGet', { params: { op_id: id } });
    const call = () => context.client.call('draftReject', { params: { draft_id: id }, body: { reason } });
    return tell(context, await audited(context, 'drafts reject', subjectOf(operation), call, ({ status }) => status));
  });
}

/** `countersign drafts`: what waits for somebody, and instructions for agents. */
export function configure(command: Command, session: Session): void {
  const sub = (name: string, description: string) => command.command(name).description(description);
  configureList(sub('ls', 'List what waits, newest first'), session);
  configureShow(sub('show', 'Show one draft'), session);
  configureNew(sub('new', 'Draft an instruction for an agent'), session);
  configureApprove(sub('approve', 'Show exactly what a draft would do, and approve it'), session);
  configureReject(sub('reject', 'Reject a draft for good'), session);
}
