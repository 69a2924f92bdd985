import { visibleLine } from '@countersign/evidence';
import { CodedError, type ExplainPrincipal, type ExplainView } from '@countersign/protocol';
import { type Command, Option } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { makeContext } from '../program/context.ts';
import { type Printer, printerFor } from '../program/printer.ts';
import { addPlaceOptions, type PlaceOptions, placeOf } from './policy-place-options.ts';

interface ExplainOptions extends CommonOptions, PlaceOptions {
  readonly target?: string;
  readonly tier?: 'dev' | 'stage' | 'prod';
  readonly effect: 'read' | 'write' | 'destructive';
  readonly kind?: 'person' | 'service' | 'agent' | 'worker';
  readonly role?: 'viewer' | 'actions' | 'approver' | 'admin' | 'worker';
}

function tell(print: Printer, answer: Pick<ExplainView, 'verdict' | 'explanation'>): number {
  for (const line of answer.explanation.split('\n')) print.text(visibleLine(line));
  for (const { text } of answer.verdict.policies) {
    print.text('');
    for (const line of text.split('\n')) print.text(print.colors.dim(visibleLine(line)));
  }
  print.document(answer);
  return 0;
}

function somebody({ kind, role }: ExplainOptions): ExplainPrincipal | undefined {
  if (kind === undefined && role === undefined) return undefined;
  return { name: 'somebody', kind: kind ?? 'person', role: role ?? 'actions' };
}

async function online(session: Session, options: ExplainOptions, action: string, target: string): Promise<number> {
  const { client, print } = await makeContext(session.deps, options);
  const principal = somebody(options);
  const body = { action, target, ...(principal !== undefined && { principal }) };
  return tell(print, await client.call('policyExplain', { body }));
}

async function offline(session: Session, options: ExplainOptions, action: string): Promise<number> {
  const { tier, effect } = options;
  if (tier === undefined) {
    throw new CodedError('E_VALIDATION', 'name a target of the server, or a tier for policies in files', {
      field: '--target',
      next: 'countersign policy explain ACTION --target NAME, or --tier prod',
    });
  }
  const principal = somebody(options) ?? { name: 'somebody', kind: 'person', role: 'actions' };
  const question = { ...placeOf(options), principal, action, effect, tier };
  return tell(printerFor(session.deps, options), await session.deps.commands.explainPolicies(question));
}

/** `countersign policy explain`: asks the server about a target, or policies in files about a tier. */
export function configurePolicyExplain(command: Command, session: Session): void {
  command
    .argument('<action>', 'name of the action')
    .option('--target <name>', 'target at the server')
    .addOption(new Option('--tier <tier>', 'without a server: the tier').choices(['dev', 'stage', 'prod']))
    .addOption(
      new Option('--effect <effect>', 'without a server: the effect of the action')
        .choices(['read', 'write', 'destructive'])
        .default('write'),
    )
    .addOption(new Option('--kind <kind>', 'about somebody else').choices(['person', 'service', 'agent', 'worker']))
    .addOption(
      new Option('--role <role>', 'about somebody else').choices(['viewer', 'actions', 'approver', 'admin', 'worker']),
    );
  addPlaceOptions(command, 'as an option');
  addCommonOptions(command);
  addExamples(
    command,
    'countersign policy explain repo.write_files --target app-prod',
    'countersign policy explain repo.write_files --tier prod --kind agent --folder ./policies',
  );
  command.action(async (action: string) => {
    const options = command.opts<ExplainOptions>();
    const { target } = options;
    session.exitCode =
      target === undefined ? await offline(session, options, action) : await online(session, options, action, target);
  });
}
