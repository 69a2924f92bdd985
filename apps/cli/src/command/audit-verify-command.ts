import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CodedError, type TrustRoot } from '@countersign/protocol';
import type { Command } from 'commander';
import { keptCheckpoints } from '../audit-log/kept-checkpoints.ts';
import { exportedLog } from '../audit-log/log-leaves.ts';
import { type ExpectedHead, signedHead, verifyLog } from '../audit-log/verify-log.ts';
import { type FoundTrust, namedTrust } from '../bundle/trust-file.ts';
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
  readonly checkpoints?: string;
  readonly branch?: string;
  readonly log?: string;
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

/** The log that is verified, and the newest head it must have. */
interface Subject {
  readonly trust: TrustRoot;
  readonly independent: boolean;
  readonly newest: ExpectedHead;
  readonly chunks: AsyncIterable<Uint8Array>;
}

async function trustOf({ client, deps }: Context, named: string | undefined): Promise<FoundTrust> {
  if (named !== undefined) return namedTrust(named, deps.cwd, dataFolder(deps));
  return { trust: await client.call('trust'), path: client.url, independent: false };
}

async function subjectOf(context: Context, options: AuditVerifyOptions): Promise<Subject> {
  const { client, deps } = context;
  const { trust, independent } = await trustOf(context, options.trust);
  if (options.log !== undefined) {
    const log = resolve(deps.cwd, options.log);
    const newest = await signedHead(`${log}.checkpoint`, await localText('', `${log}.checkpoint`), trust);
    return { trust, independent, newest, chunks: exportedLog(log) };
  }
  const newest = await signedHead('the newest checkpoint', (await client.call('checkpoint')).note, trust);
  return { trust, independent, newest, chunks: client.stream('auditExport', { query: { from: 0, to: newest.size } }) };
}

async function headsOf({ deps }: Context, options: AuditVerifyOptions, trust: TrustRoot): Promise<ExpectedHead[]> {
  const heads: ExpectedHead[] = [];
  for (const place of [options.checkpoint, options.checkpoints]) {
    if (place !== undefined) heads.push(...(await keptCheckpoints(resolve(deps.cwd, place), options.branch, trust)));
  }
  return heads;
}

async function verifyRemote(context: Context, options: AuditVerifyOptions): Promise<number> {
  const { deps, print } = context;
  const { trust, independent, newest, chunks } = await subjectOf(context, options);
  if (!newest.inForce) throw new CodedError('E_VERIFY', `${newest.from}: no key that is in force signed it`);
  const kept = await headsOf(context, options, trust);
  const spinner = startSpinner(deps.terminal.stderr, !print.json);
  const begun = performance.now();
  try {
    await verifyLog(chunks, [...kept, newest], (done) => spinner.say(`computed ${done} of ${newest.size} entries`));
  } finally {
    spinner.stop();
  }
  const seconds = (performance.now() - begun) / 1000;
  const root = Buffer.from(newest.root).toString('hex');
  print.text(`${print.colors.green('ok')}: ${newest.size} entries give the signed root ${root}`);
  if (kept.length > 0) {
    const what = kept.length === 1 ? 'the kept checkpoint covers' : `the ${kept.length} kept checkpoints cover`;
    print.text(`ok: the log still holds everything that ${what}`);
  }
  print.note(`${newest.size} entries in ${seconds.toFixed(1)} s (${Math.round(newest.size / seconds)} a second)`);
  if (!independent)
    print.note('The keys came from the server itself; give --trust FILE to verify against keys you kept.');
  print.document({
    state: 'pass',
    tree_size: newest.size,
    root_hash: root,
    installation: trust.installation,
    independent_trust: independent,
    kept_checkpoints: kept.length,
    seconds: Number(seconds.toFixed(3)),
  });
  return 0;
}

/** `countersign audit verify`: of the server's log, or with `--local` of the file that this command line keeps. */
export function configureAuditVerify(command: Command, session: Session): void {
  command
    .option('--local', 'verify the local audit file instead')
    .option('--trust <file|url>', 'trust root of the installation; it is kept, and later ones must continue it')
    .option('--checkpoint <file>', 'a checkpoint kept earlier, which the log must still agree with')
    .option('--checkpoints <place>', 'every checkpoint that was exported to this file or git repository')
    .option('--branch <name>', 'branch of the git repository (countersign-checkpoints)')
    .option('--log <file>', 'verify this export, with FILE.checkpoint beside it, instead of the server');
  addCommonOptions(command);
  addExamples(
    command,
    'countersign audit verify',
    'countersign audit verify --trust keys.json --checkpoint kept-elsewhere.txt',
    'countersign audit verify --checkpoints /mnt/elsewhere/checkpoints.jsonl',
    'countersign audit verify --log audit.jsonl --trust trust.json',
    'countersign audit verify --local',
  );
  setAction<AuditVerifyOptions>(command, session, async (context, options) =>
    options.local ? verifyLocal(context) : verifyRemote(context, options),
  );
}
