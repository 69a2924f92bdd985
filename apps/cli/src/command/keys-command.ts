import type { KeyView } from '@countersign/protocol';
import type { Command } from 'commander';
import { audited, subjectWithoutOperation } from '../local-audit/audited.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { renderTable } from '../render/table.ts';

function rowOf({ keyid, state, from_size: from, until_size: until, purposes }: KeyView): string[] {
  return [keyid, state, from === null ? '-' : String(from), until === null ? '-' : String(until), purposes.join(' ')];
}

function configureList(command: Command, session: Session): void {
  addCommonOptions(command);
  addExamples(command, 'countersign keys list');
  setAction<CommonOptions>(command, session, async ({ client, print }) => {
    const answer = await client.call('keyList');
    print.text(renderTable(['KEY', 'STATE', 'FROM LEAF', 'UNTIL', 'SIGNS'], answer.keys.map(rowOf), print.colors));
    print.document(answer);
    return 0;
  });
}

function configureRotate(command: Command, session: Session): void {
  command.requiredOption('--reason <text>', 'why, for the audit log');
  addCommonOptions(command);
  addExamples(command, 'countersign keys rotate --reason "yearly"');
  setAction<CommonOptions & { reason: string }>(command, session, async (context, { reason }) => {
    const { client, print } = context;
    const call = () => client.call('keyRotate', { body: { reason } });
    const key = await audited(
      context,
      'keys rotate',
      subjectWithoutOperation('installation'),
      call,
      ({ state }) => state,
    );
    print.text(key.keyid);
    print.note(
      key.state === 'next'
        ? 'the old key still gives way; see `countersign keys list`'
        : `signs from leaf ${key.from_size ?? 0} on. Publish the new trust root: countersign trust export --out trust.json`,
    );
    print.document(key);
    return 0;
  });
}

/** `countersign keys`: list, rotate. */
export function configure(command: Command, session: Session): void {
  configureList(command.command('list').description('List the signing keys and from where they count'), session);
  configureRotate(
    command.command('rotate').description('Replace the signing key; old bundles go on verifying'),
    session,
  );
}
