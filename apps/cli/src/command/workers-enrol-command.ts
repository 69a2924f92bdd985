import { CodedError } from '@countersign/protocol';
import type { Command } from 'commander';
import { audited, subjectWithoutOperation } from '../local-audit/audited.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { renderTable } from '../render/table.ts';
import { renderTime } from '../render/time.ts';
import { durationMs } from './token-create-command.ts';

interface EnrolOptions extends CommonOptions {
  readonly target?: string[];
  readonly action?: string[];
  readonly expires?: number;
}

const collect = (text: string, before: string[] = []): string[] => [...before, text];

/** `countersign workers enrol`: prints the secret, and nothing else on stdout. */
export function configureEnrol(command: Command, session: Session): void {
  command
    .argument('<name>', 'name that the worker gets; of one that joined before, key and scope are replaced')
    .option('--target <target>', 'target that it may serve; may be repeated; "*" for every one', collect)
    .option('--action <action>', 'docker.logs, docker.* or "*"; may be repeated', collect)
    .option('--expires <time>', 'how long the secret is good: 2d, 12h, 15m; an hour when left out', durationMs);
  addCommonOptions(command);
  addExamples(
    command,
    "countersign workers enrol shop-1 --target shop-docker --action 'docker.*' > shop-1.enrolment",
    'countersign workers enrol shop-1 --target shop-docker --action docker.logs --action docker.restart_container',
  );
  setAction<EnrolOptions, [string]>(command, session, async (context, { target, action, expires }, worker) => {
    if (target === undefined || action === undefined) {
      throw new CodedError('E_VALIDATION', 'say what the worker may do, and where', {
        field: target === undefined ? '--target' : '--action',
        next: `countersign workers enrol ${worker} --target TARGET --action CONNECTOR.ACTION`,
      });
    }
    const body = { worker, targets: target, actions: action, ...(expires !== undefined && { expires_in_ms: expires }) };
    const call = () => context.client.call('enrolmentCreate', { body });
    const subject = subjectWithoutOperation(worker);
    const made = await audited(context, 'workers enrol', subject, call, ({ enrolment_id: id }) => `enrolment ${id}`);
    context.print.text(made.secret);
    context.print.note(
      `lets ${made.worker} join once, until ${renderTime(made.expires_at)}, for ${made.actions.join(', ')} on ${made.targets.join(', ')}; it is not shown again`,
    );
    context.print.document(made);
    return 0;
  });
}

/** `countersign workers enrolments`. */
export function configureEnrolments(command: Command, session: Session): void {
  addCommonOptions(command);
  addExamples(command, 'countersign workers enrolments');
  setAction<CommonOptions>(command, session, async ({ client, print }) => {
    const answer = await client.call('enrolmentList');
    const rows = answer.enrolments.map((enrolment) => [
      enrolment.enrolment_id,
      enrolment.worker,
      enrolment.state,
      renderTime(enrolment.expires_at),
      enrolment.made_by,
      enrolment.targets.join(', '),
      enrolment.actions.join(', '),
    ]);
    print.text(
      renderTable(['ENROLMENT', 'WORKER', 'STATE', 'UNTIL', 'MADE BY', 'TARGETS', 'ACTIONS'], rows, print.colors),
    );
    print.document(answer);
    return 0;
  });
}

/** `countersign workers unenrol`. */
export function configureUnenrol(command: Command, session: Session): void {
  addCommonOptions(command.argument('<enrolment-id>', 'id of the enrolment; see `countersign workers enrolments`'));
  addExamples(command, 'countersign workers unenrol 0198f2a4-7c1e-7000-8000-2f6f1c3a9b10');
  setAction<CommonOptions, [string]>(command, session, async (context, _options, id) => {
    const call = () => context.client.call('enrolmentRevoke', { params: { enrolment_id: id } });
    const revoked = await audited(context, 'workers unenrol', subjectWithoutOperation(id), call, () => 'revoked');
    context.print.text(`Nobody joins as ${revoked.worker} by it any more.`);
    context.print.document(revoked);
    return 0;
  });
}

/** `countersign workers revoke`. */
export function configureWorkersRevoke(command: Command, session: Session): void {
  addCommonOptions(command.argument('<name>', 'name of the worker; see `countersign workers`'));
  addExamples(command, 'countersign workers revoke shop-1');
  setAction<CommonOptions, [string]>(command, session, async (context, _options, name) => {
    const call = () => context.client.call('workerRevoke', { params: { name } });
    const done = await audited(context, 'workers revoke', subjectWithoutOperation(name), call, () => 'revoked');
    context.print.text(
      done.revoked === 0
        ? `${done.worker} had nothing left that opens.`
        : `${done.worker} reaches nothing any more; what it held is taken back when its lease is over.`,
    );
    context.print.document(done);
    return 0;
  });
}
