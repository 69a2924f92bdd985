import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { replayRecordOf, verifyBundle, visibleLine } from '@countersign/evidence';
import { nodeVerifyCrypto } from '@countersign/evidence/node';
import {
  CodedError,
  planReplay,
  type ReplayReport,
  type ReplayView,
  Uuid,
  type VerifyReport,
} from '@countersign/protocol';
import type { Command } from 'commander';
import { readBundle } from '../bundle/bundle-folder.ts';
import { fetchBundle } from '../bundle/fetch-bundle.ts';
import { trustOfBundle } from '../bundle/trust-of-bundle.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { type Context, makeContext } from '../program/context.ts';
import { exitOf, exitOfFailure } from '../program/exit-code.ts';
import { type Printer, printerFor } from '../program/printer.ts';
import { renderReplay } from '../render/replay.ts';

interface ReplayOptions extends CommonOptions {
  readonly repository?: string;
  readonly trust?: string;
}

function problems({ findings }: VerifyReport): string {
  const bad = findings.filter(({ state }) => state === 'fail' || state === 'error');
  return [...new Set(bad.map(({ id }) => id))].join(', ');
}

/** The last line, and the exit code: 0 only where nothing speaks against the bundle. */
function conclude(print: Printer, matches: boolean | null): number {
  if (matches === true) print.text(print.colors.green('The replay is equal in everything that was compared.'));
  if (matches === false) print.text(print.colors.red('The replay differs from what the bundle records.'));
  if (matches === null) print.text(print.colors.yellow('Nothing was done again; signatures and digest hold.'));
  return matches === false ? exitOf('E_VERIFY') : 0;
}

async function replayFolder(
  { deps }: Session,
  print: Printer,
  folder: string,
  options: ReplayOptions,
): Promise<number> {
  const files = await readBundle(folder);
  const { trust, path, independent } = await trustOfBundle(deps, folder, files, options.trust);
  const verified = await verifyBundle(files, trust, nodeVerifyCrypto);
  const record = replayRecordOf(files);
  if (verified.state === 'fail' || verified.state === 'error' || record === null) {
    throw new CodedError('E_VERIFY', `the bundle does not verify, so it is not replayed: ${problems(verified)}`, {
      next: `each finding with its file: countersign verify ${folder}`,
    });
  }
  print.note(`verified with keys of ${visibleLine(trust.installation)} from ${visibleLine(path)}`);
  if (!independent)
    print.note(print.noteColors.yellow('These keys came along with the bundle: compare them, or give --trust.'));
  const mode = planReplay(record.plan);
  const needsRepository = mode === 'exact' && options.repository === undefined;
  let report: ReplayReport | null = null;
  if (needsRepository)
    print.note('To do the change again on a scratch copy, give --repository PATH: a clone that has the commit before.');
  else {
    const repository = options.repository === undefined ? undefined : resolve(deps.cwd, options.repository);
    report = await deps.commands.replay(record, repository);
    print.text(renderReplay(report, print.colors));
  }
  const matches = report?.matches ?? null;
  const document = { verification: verified.state, plan_digest: record.plan_digest, mode, matches, report };
  print.document({ ...document, installation: trust.installation, independent_trust: independent });
  return conclude(print, matches);
}

const pollMs = 500;

async function untilEnded({ client }: Context, bundleId: string, requestId: string): Promise<ReplayView> {
  const params = { bundle_id: bundleId };
  const body = { request_id: requestId };
  let view = await client.call('evidenceReplay', { params, body, preferWaitSeconds: 30 });
  while (view.status === 'running') {
    await new Promise((wake) => setTimeout(wake, pollMs));
    view = await client.call('replayGet', { params: { replay_id: view.replay_id } });
  }
  return view;
}

async function replayThere(context: Context, reference: string): Promise<number> {
  const { deps, print } = context;
  const bundle = await fetchBundle(context.client, reference);
  const view = await untilEnded(context, bundle.bundle_id, deps.randomId());
  if (view.report !== null) print.text(renderReplay(view.report, print.colors));
  print.document(view);
  if (view.failure !== null) {
    print.note(print.noteColors.red(`${view.failure.code}: ${visibleLine(view.failure.message)}`));
    return exitOfFailure(view.failure);
  }
  return conclude(print, view.matches);
}

/** `countersign replay`: a bundle's folder offline, or a bundle by its id beside its target. */
export function configure(command: Command, session: Session): void {
  command
    .argument('<bundle>', 'folder of a bundle (offline), or the id of a bundle or operation (by the server)')
    .option('--repository <path>', 'offline: a repository to borrow objects from; it is never written')
    .option('--trust <file>', 'offline: public keys of the installation (from GET /v1/trust)');
  addCommonOptions(command);
  addExamples(
    command,
    'countersign replay docs/evidence/20261121-0017 --repository ~/src/shop --trust keys.json',
    'countersign replay 0198f2a4-7c1e-7000-8000-2f6f1c3a9b11 --json',
  );
  command.action(async (reference: string) => {
    const options = command.opts<ReplayOptions>();
    const folder = resolve(session.deps.cwd, reference);
    const isFolder = await stat(folder).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (isFolder) session.exitCode = await replayFolder(session, printerFor(session.deps, options), folder, options);
    else if (options.repository !== undefined && !Uuid.safeParse(reference).success) {
      throw new CodedError('E_VALIDATION', `${folder} is no folder`, { field: 'bundle', next: 'name a bundle folder' });
    } else session.exitCode = await replayThere(await makeContext(session.deps, options), reference);
  });
}
