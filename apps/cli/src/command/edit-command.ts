import { CodedError, type DraftView } from '@countersign/protocol';
import type { Command } from 'commander';
import { showPlanned } from '../flow/propose.ts';
import { readSteps, stepsText } from '../input/steps-text.ts';
import { audited, subjectOf } from '../local-audit/audited.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { openEditor } from '../terminal/open-editor.ts';
import { addDraftArgument, draftId } from './drafts-command.ts';
import { tellOperation } from './tell-operation.ts';

/** What a person gets to change: the instruction as it is, or the typed steps as YAML. */
function textOf({ kind, content, steps }: DraftView): { text: string; suffix: string } {
  if (kind === 'instruction') return { text: content === '' ? '' : `${content}\n`, suffix: '.md' };
  return { text: stepsText(steps), suffix: '.yaml' };
}

/** `countersign edit`: opens a draft in the editor; refused where somebody changed it meanwhile. */
export function configure(command: Command, session: Session): void {
  addCommonOptions(addDraftArgument(command));
  addExamples(command, 'countersign edit d_01M8HS2Q32EP3B9CF54GXFZ7DA', 'EDITOR=nano countersign edit 0198f2a4-7c1e');
  setAction<CommonOptions, [string]>(command, session, async (context, options, reference) => {
    const { client, deps, print } = context;
    if (!options.input) {
      throw new CodedError('E_VALIDATION', 'there is nobody who could edit', {
        field: '--no-input',
        next: 'send PUT /v1/drafts/ID from a script',
      });
    }
    const id = await draftId(context, reference);
    const params = { draft_id: id };
    const draft = await client.call('draftGet', { params });
    const { text, suffix } = textOf(draft);
    const saved = await openEditor(deps.env, text, suffix);
    if (saved === text || saved.trim() === '') {
      print.note(saved === text ? 'Nothing was changed.' : 'Nothing was saved; the draft stays as it is.');
      print.document(draft);
      return 0;
    }
    const { revision } = draft;
    const body =
      draft.kind === 'steps' ? { steps: readSteps(saved), revision } : { content: saved.replace(/\n$/, ''), revision };
    const before = await client.call('opsGet', { params: { op_id: id } });
    const call = () => client.call('draftEdit', { params, body });
    await audited(context, 'edit', subjectOf(before), call, ({ revision: now }) => `revision ${now}`);
    const operation = await showPlanned(context, await client.call('opsGet', { params: { op_id: id } }));
    return tellOperation(context, operation);
  });
}
