import { visible, visibleLine } from '@countersign/evidence';
import type { ActionManifest } from '@countersign/protocol';
import type { Command } from 'commander';
import { findAction } from '../input/gather-inputs.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { type Context, setAction } from '../program/context.ts';
import { visibleJson } from '../render/json.ts';
import { renderTable } from '../render/table.ts';

function describe(action: ActionManifest, { print }: Context): string {
  const { colors } = print;
  return [
    `${colors.bold(visibleLine(action.name))} v${action.version}: ${visibleLine(action.title)}`,
    visible(action.description),
    `effect ${action.effect}, risk ${action.risk}, replay ${action.replay}, time limit ${action.timeoutMs} ms, output limit ${action.outputCapBytes} bytes`,
    '',
    colors.bold('Inputs (JSON Schema)'),
    visibleJson(action.inputSchema, 2),
  ].join('\n');
}

/** `countersign actions`: the catalogue, or one action with its inputs. */
export function configure(command: Command, session: Session): void {
  addCommonOptions(command.argument('[name]', 'one action, with its inputs'));
  addExamples(command, 'countersign actions', 'countersign actions repo.write_files');
  setAction<CommonOptions, [string | undefined]>(command, session, async (context, _options, name) => {
    const { client, print } = context;
    if (name !== undefined) {
      const action = await findAction(context, name);
      print.text(describe(action, context));
      print.document(action);
      return 0;
    }
    const answer = await client.call('actions');
    const rows = answer.actions.map((action) => [action.name, action.effect, action.risk, action.title]);
    print.text(renderTable(['ACTION', 'EFFECT', 'RISK', 'WHAT IT DOES'], rows, print.colors));
    print.document(answer);
    return 0;
  });
}
