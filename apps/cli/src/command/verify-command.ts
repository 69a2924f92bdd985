import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { connect } from '@countersign/client';
import { type LogWitness, verifyBundle, visible, visibleLine } from '@countersign/evidence';
import { nodeVerifyCrypto } from '@countersign/evidence/node';
import type { TrustRoot, VerifyFinding } from '@countersign/protocol';
import type { Command } from 'commander';
import { readBundle } from '../bundle/bundle-folder.ts';
import { fileWitness, serverWitness } from '../bundle/log-witness.ts';
import { trustOfBundle } from '../bundle/trust-of-bundle.ts';
import { bearerToken } from '../connection/settings.ts';
import type { Session } from '../program/command-entry.ts';
import { addExamples, addOutputOptions } from '../program/common-options.ts';
import type { CliDeps } from '../program/deps.ts';
import { exitOf } from '../program/exit-code.ts';
import { printerFor } from '../program/printer.ts';
import type { Colors } from '../render/colors.ts';

interface VerifyOptions {
  readonly trust?: string;
  readonly server?: string;
  readonly tokenFile?: string;
  readonly log?: string;
  readonly json?: boolean;
  readonly color: boolean;
}

function findingLine({ state, id, summary, detail, file }: VerifyFinding, colors: Colors): string {
  const paint = { pass: colors.green, fail: colors.red, error: colors.red, unknown: colors.yellow }[state];
  const at = file === null ? '' : ` ${colors.bold(visibleLine(file))}`;
  const more =
    detail === '' || state === 'pass' ? '' : `\n          ${visible(detail).replaceAll('\n', '\n          ')}`;
  return `  ${paint(state.padEnd(7))} ${visibleLine(id)}${at}: ${visibleLine(summary)}${more}`;
}

async function witnessOf(deps: CliDeps, options: VerifyOptions, trust: TrustRoot): Promise<LogWitness | null> {
  if (options.log !== undefined) {
    const log = resolve(deps.cwd, options.log);
    return fileWitness(log, await readFile(`${log}.checkpoint`, 'utf8'), trust);
  }
  if (options.server === undefined) return null;
  const token = await bearerToken(deps, options.tokenFile, options.server);
  return serverWitness(connect({ url: options.server, token, userAgent: `countersign-cli/${deps.version}` }), trust);
}

const conclusions = {
  pass: 'The bundle is whole: nothing in it was changed since it was sealed.',
  fail: 'The bundle does not verify.',
  error: 'The bundle could not be read in full, so it does not verify.',
  unknown: 'Something could not be checked: not a proof yet.',
} as const;

/** `countersign verify`: offline; exit 0 only where everything passes. */
export function configure(command: Command, session: Session): void {
  command
    .argument('<dir>', 'folder of the bundle')
    .option('--trust <file|url>', 'trust root of the installation; it is kept, and later ones must continue it')
    .option('--server <url>', 'ask this log about proofs of keys that were retired since')
    .option('--token-file <path>', 'file with the bearer token for it (or COUNTERSIGN_TOKEN)')
    .option('--log <file>', 'the same from an export of the log, with FILE.checkpoint beside it');
  addOutputOptions(command);
  addExamples(
    command,
    'countersign verify evidence-0198f2a4-7c1e-7000-8000-2f6f1c3a9b11',
    'countersign verify docs/evidence/20261121-0017 --trust keys.json --json',
  );
  command.action(async (dir: string) => {
    const { deps } = session;
    const options = command.opts<VerifyOptions>();
    const print = printerFor(deps, options);
    const folder = resolve(deps.cwd, dir);
    const files = await readBundle(folder);
    const { trust, path, independent } = await trustOfBundle(deps, folder, files, options.trust);
    const report = await verifyBundle(files, trust, nodeVerifyCrypto, await witnessOf(deps, options, trust));
    print.text(report.findings.map((finding) => findingLine(finding, print.colors)).join('\n'));
    print.note(
      `keys of installation ${visibleLine(trust.installation)} from ${visibleLine(path)}: ${trust.keys.map(({ keyid }) => visibleLine(keyid)).join(', ')}`,
    );
    if (!independent)
      print.note(
        print.noteColors.yellow(
          'These keys came along with the bundle: compare them with the installation, or give --trust.',
        ),
      );
    const paint = report.state === 'pass' ? print.colors.green : print.colors.red;
    print.text(paint(conclusions[report.state]));
    print.document({ ...report, installation: trust.installation, trust: path, independent_trust: independent });
    session.exitCode = report.state === 'pass' ? 0 : exitOf('E_VERIFY');
  });
}
