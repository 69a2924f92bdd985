import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CodedError } from '@countersign/protocol';
import type { Command } from 'commander';
import { signedHead, verifyLog } from '../audit-log/verify-log.ts';
import { readTrust } from '../bundle/trust-file.ts';
import { dataFolder } from '../connection/settings.ts';
import { localAuditPath } from '../local-audit/local-audit.ts';
import { verifyChain } from '../local-audit/local-entry.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { type Context, setAction } from '../program/context.ts';
import { startSpinner } from '../terminal/spinner.ts';

interface AuditVerifyOptions extends CommonOptions {
  readonly local?: boolean;
  readonly trust?: string;
  readonly checkpoint?: string;
}

async function localText(path: string, given: string | undefined): Promise<string> {
  return readFile(given ?? path, 'utf8').catch((cause: unknown) => {
    const next =
      given === undefined ? 'it comes with the first change; see COUNTERSIGN_DATA_DIR' : 'name a file that can be read';
    throw new CodedError('E_VALIDATION', `cannot read ${given ?? path}`, { next }, { cause });
  });
}

async function verifyLocal({ deps, print }: Context): Promise<number> {
  const path = localAuditPath(dataFolder(deps));
  const report = verifyChain(await localText(path, undefined));
  if (!report.ok)
    throw new CodedError('E_VERIFY', `${path}, line ${report.line}: ${report.reason}`, { line: report.line });
  print.text(
    `${print.colors.green('ok')}: ${report.entries} entries, each linked to the one before; head ${report.head}`,
  );
  print.document({ state: 'pass', path, entries: report.entries, head: report.head });
  return 0;
}

async function verifyRemote(context: Context, options: AuditVerifyOptions): Promise<number> {
  const { client, deps, print } = context;
  const trust =
    options.trust === undefined ? await client.call('trust') : await readTrust(resolve(deps.cwd, options.trust));
  const kept = options.checkpoint === undefined ? null : resolve(deps.cwd, options.checkpoint);
  const heads = kept === null ? [] : [await signedHead(kept, await localText('', kept), trust)];
  const newest = await signedHead('the newest checkpoint', (await client.call('checkpoint')).note, trust);
  const spinner = startSpinner(deps.terminal.stderr, !print.json);
  try {
    await verifyLog(client, [...heads, newest], (done, of) => spinner.say(`computed ${done} of ${of} entries`));
  } finally {
    spinner.stop();
  }
  const root = Buffer.from(newest.root).toString('hex');
  print.text(`${print.colors.green('ok')}: ${newest.size} entries give the signed root ${root}`);
  if (kept !== null) print.text('ok: the log still holds everything that the kept checkpoint covers');
  if (options.trust === undefined)
    print.note('The keys came from the server itself; give --trust FILE to verify against keys you kept.');
  print.document({
    state: 'pass',
    tree_size: newest.size,
    root_hash: root,
    installation: trust.installation,
    independent_trust: options.trust !== undefined,
  });
  return 0;
}

/** `countersign audit verify`: of the server's log, or with `--local` of the file that this command line keeps. */
export function configureAuditVerify(command: Command, session: Session): void {
  command
    .option('--local', 'verify the local audit file instead')
    .option('--trust <file>', 'public keys of the installation, kept earlier')
    .option('--checkpoint <file>', 'a checkpoint kept earlier, which the log must still agree with');
  addCommonOptions(command);
  addExamples(
    command,
    'countersign audit verify',
    'countersign audit verify --trust keys.json --checkpoint kept-elsewhere.txt',
    'countersign audit verify --local',
  );
  setAction<AuditVerifyOptions>(command, session, async (context, options) =>
    options.local ? verifyLocal(context) : verifyRemote(context, options),
  );
}
