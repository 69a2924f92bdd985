import type { Command } from 'commander';
import { carryOut } from '../flow/carry-out.ts';
import { carryOutGroup } from '../flow/carry-out-group.ts';
import { proposeSteps } from '../flow/propose.ts';
import { proposeGroup } from '../flow/propose-group.ts';
import { readAction } from '../flow/read-action.ts';
import { findAction, gatherInputs } from '../input/gather-inputs.ts';
import { addSelectionOptions, type SelectionOptions, selectionOf } from '../input/selection.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { addProposalOptions, type ProposalOptions, selectorOf } from './proposal-options.ts';

interface DoOptions extends ProposalOptions, SelectionOptions {
  readonly yes?: boolean;
  readonly detach?: boolean;
}

/** `countersign do`: a change goes the whole way from proposal to evidence; a read is run and printed; with a selector a group goes in waves. */
export function configure(command: Command, session: Session): void {
  addCommonOptions(
    addSelectionOptions(addProposalOptions(command))
      .option('-y, --yes', 'answer every question with yes')
      .option('--detach', 'start the run, do not follow it'),
  );
  addExamples(
    command,
    'countersign do repo.write_files --env dev --write app.conf=@app.conf -m "raise the limit"',
    'countersign do docker.restart_container --target local-docker container=web',
    'countersign do docker.restart_container --target local-docker --selector app=web --waves 1,50%,100%',
    'countersign do docker.logs --target local-docker container=web tail=50',
    `countersign do repo.write_files --env stage --inputs '{"files":[{"path":"a","content":"b"}],"message":"m"}'`,
  );
  setAction<DoOptions, [string, string[]]>(command, session, async (context, options, name, words) => {
    const action = await findAction(context, name);
    const inputs = await gatherInputs(context, action, words, options);
    const { yes = false, detach = false } = options;
    const selection = selectionOf(options);
    if (selection !== null) {
      const group = await proposeGroup(context, { action: name, inputs }, selection, options);
      return carryOutGroup(context, group, { command: 'do', yes, detach });
    }
    if (action.effect === 'read') {
      const requestId = options.requestId ?? context.deps.randomId();
      return readAction(context, { action: name, inputs, request_id: requestId, ...selectorOf(options) });
    }
    const operation = await proposeSteps(context, [{ action: name, inputs }], options);
    return carryOut(context, operation, { command: 'do', yes, detach });
  });
}
