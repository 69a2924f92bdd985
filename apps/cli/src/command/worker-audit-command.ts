import { visibleLine } from '@countersign/evidence';
import { type AuditEntryView, CodedError, type WorkerAuditEntry } from '@countersign/protocol';
import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, addOutputOptions, type CommonOptions } from '../program/common-options.ts';
import { type Context, setAction } from '../program/context.ts';
import { printerFor } from '../program/printer.ts';
import { renderTable } from '../render/table.ts';
import { renderTime } from '../render/time.ts';
import { type AuditFolder, findAuditFolder } from '../worker-audit/audit-place.ts';
import { AuditComparison, type Difference } from '../worker-audit/compare-audits.ts';
import { type VerifiedAudit, verifyAuditFolder } from '../worker-audit/verify-folder.ts';
import { wholeNumber } from './whole-number.ts';

interface OfflineOptions {
  readonly json?: boolean;
  readonly color: boolean;
}
interface VerifyOptions extends OfflineOptions {
  readonly requireSigned?: boolean;
}
interface ListOptions extends OfflineOptions {
  readonly op?: string;
  readonly limit: number;
}

const folderHelp = 'folder with its files; that of COUNTERSIGN_DATA_DIR when left out';

function rowOf({ seq, at, note, job, step, outcome, code }: WorkerAuditEntry): string[] {
  return [
    String(seq),
    renderTime(at),
    note,
    [outcome, code].filter(Boolean).join(' ') || '-',
    job === null ? '-' : job.kind,
    job?.op_id ?? '-',
    job === null ? '-' : job.target,
    step === null ? (job?.actions.join(',') ?? '-') : `${step.index} ${step.action ?? ''}`,
    job === null ? '-' : String(job.fence),
  ].map(visibleLine);
}

/** `countersign worker audit ls`: what the worker did, by its own word; needs no server. */
export function configureWorkerAuditList(command: Command, session: Session): void {
  command
    .argument('[folder]', folderHelp)
    .option('--op <id>', 'only of this operation')
    .option('--limit <n>', 'the newest so many', wholeNumber(1, 100_000), 50);
  addOutputOptions(command);
  addExamples(command, 'countersign worker audit ls', 'countersign worker audit ls --json | jq .entries[].job.op_id');
  command.action(async (named: string | undefined) => {
    const options = command.opts<ListOptions>();
    const print = printerFor(session.deps, options);
    const found: WorkerAuditEntry[] = [];
    const verified = await verifyAuditFolder(await findAuditFolder(session.deps, named), (entry) => {
      if (options.op !== undefined && entry.job?.op_id !== options.op) return;
      found.push(entry);
      if (found.length > options.limit) found.shift();
    });
    const heads = ['SEQ', 'AT', 'NOTE', 'OUTCOME', 'JOB', 'OPERATION', 'TARGET', 'ACTION', 'FENCE'];
    print.text(renderTable(heads, found.map(rowOf), print.colors));
    print.document({ ...verified, entries: found });
    session.exitCode = 0;
  });
}

function notesOf({ first_seq, first_at, torn, torn_bytes, unsigned, keyids }: VerifiedAudit): string[] {
  return [
    ...(first_seq === null || first_seq === 0
      ? []
      : [`it begins with entry ${first_seq} of ${renderTime(first_at)}: what came before was taken for its size`]),
    ...(torn === 0 ? [] : [`${torn} times a process ended while it wrote; each time the next one said so`]),
    ...(torn_bytes === 0 ? [] : [`the last ${torn_bytes} bytes are no whole line, as after a kill`]),
    ...(unsigned === 0
      ? []
      : [`${unsigned} entries are not signed: the worker had no key of its own (see workers enrol)`]),
    ...keyids.map((keyid) => `signed by ${keyid}`),
  ];
}

function unsignedIn({ path }: AuditFolder, { unsigned, entries }: VerifiedAudit): CodedError {
  return new CodedError('E_VERIFY', `${path}: ${unsigned} of ${entries} entries are not signed`, {
    unsigned,
    next: 'hold it against the server (countersign worker audit compare): did this worker join with a key?',
  });
}

/** `countersign worker audit verify`: needs no server. */
export function configureWorkerAuditVerify(command: Command, session: Session): void {
  command
    .argument('[folder]', folderHelp)
    .option('--require-signed', 'fail where an entry is not signed, as of a worker that joined with a key');
  addOutputOptions(command);
  addExamples(
    command,
    'countersign worker audit verify --require-signed',
    'countersign worker audit verify /srv/copies/audit/shop-1',
  );
  command.action(async (named: string | undefined) => {
    const options = command.opts<VerifyOptions>();
    const print = printerFor(session.deps, options);
    const folder = await findAuditFolder(session.deps, named);
    const verified = await verifyAuditFolder(folder);
    if (options.requireSigned === true && verified.unsigned > 0) throw unsignedIn(folder, verified);
    const { entries, worker, head } = verified;
    print.text(
      `${print.colors.green('ok')}: ${entries} entries of ${visibleLine(worker ?? '-')}, each linked to the one before; head ${head}`,
    );
    for (const note of notesOf(verified)) print.note(note);
    print.document({ state: 'pass', path: folder.path, ...verified });
    session.exitCode = 0;
  });
}

const events = 'step.intent,step.outcome,read.done,worker.enrolled';

async function saidByServer({ client }: Context, worker: string): Promise<AuditEntryView[]> {
  const found: AuditEntryView[] = [];
  let after: number | undefined;
  for (;;) {
    const query = { actor: `worker:${worker}`, event: events, after, order: 'oldest', limit: 500 } as const;
    const page = await client.call('audit', { query });
    found.push(...page.entries);
    if (page.next === null) return found;
    after = page.next;
  }
}

function differenceRow(side: string): (difference: Difference) => string[] {
  return ({ what, op_id, step, detail, at }) =>
    [side, what, op_id, step === null ? '-' : String(step), detail, renderTime(at)].map(visibleLine);
}

/** `countersign worker audit compare`: exit 1 where the server and the worker do not say the same. */
export function configureWorkerAuditCompare(command: Command, session: Session): void {
  command.argument('[folder]', folderHelp);
  addCommonOptions(command);
  addExamples(
    command,
    'countersign worker audit compare /srv/copies/audit/shop-1 --server https://control.example.com',
  );
  setAction<CommonOptions, [string | undefined]>(command, session, async (context, _options, named) => {
    const { deps, print } = context;
    const comparison = new AuditComparison();
    const verified = await verifyAuditFolder(await findAuditFolder(deps, named), (entry) => comparison.add(entry));
    const server = await saidByServer(context, verified.worker ?? '');
    const compared = comparison.with(server, verified);
    const { agreed, only_server, only_worker, before, unknown_keys, unsigned_of_enrolled } = compared;
    const same = only_server.length + only_worker.length + unknown_keys.length + unsigned_of_enrolled === 0;
    const rows = [...only_server.map(differenceRow('server')), ...only_worker.map(differenceRow('worker'))];
    if (rows.length > 0) {
      print.text(renderTable(['ONLY', 'WHAT', 'OPERATION', 'STEP', 'DETAIL', 'AT'], rows, print.colors));
    }
    for (const keyid of unknown_keys) print.text(`${verified.worker} never joined with the key ${keyid}`);
    if (unsigned_of_enrolled > 0)
      print.text(`${verified.worker} joined with a key, and ${unsigned_of_enrolled} entries are not signed by any`);
    if (same)
      print.text(
        `${print.colors.green('ok')}: server and worker say the same of ${agreed} intents, outcomes and reads`,
      );
    if (before > 0)
      print.note(`${before} entries of the server are older than the worker's first and were not compared`);
    for (const note of notesOf(verified)) print.note(note);
    print.document({ state: same ? 'pass' : 'fail', ...verified, ...compared });
    return same ? 0 : 1;
  });
}

/** `countersign worker audit`: ls, verify, compare. */
export function configureWorkerAudit(command: Command, session: Session): void {
  configureWorkerAuditList(command.command('ls').description('List what this worker noted of its work'), session);
  configureWorkerAuditVerify(
    command
      .command('verify')
      .description('Check that every line is unchanged, in order and, where it is signed, by its key'),
    session,
  );
  configureWorkerAuditCompare(
    command.command('compare').description("Compare it with what the server's log says of this worker"),
    session,
  );
}
