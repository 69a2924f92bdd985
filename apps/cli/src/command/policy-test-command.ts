import { visibleLine } from '@countersign/evidence';
import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { addExamples, addOutputOptions } from '../program/common-options.ts';
import type { PolicyAnswer } from '../program/deps.ts';
import { printerFor } from '../program/printer.ts';
import { addPlaceOptions, type PlaceOptions, placeOf } from './policy-place-options.ts';

interface TestOptions extends PlaceOptions {
  readonly json?: boolean;
  readonly color: boolean;
  readonly against?: string;
}

function words({ verdict, obligations, policies }: Partial<PolicyAnswer>): string {
  const wanted = obligations === undefined || obligations.length === 0 ? '' : ` ${obligations.join(' ')}`;
  const by = policies === undefined || policies.length === 0 ? '' : ` (${policies.join(', ')})`;
  return visibleLine(`${verdict ?? ''}${wanted}${by}`);
}

/** `countersign policy test`: exit 0 where every verdict is the expected one, else 1. Needs no server. */
export function configurePolicyTest(command: Command, session: Session): void {
  command
    .argument('<file>', 'table of questions and expected verdicts, YAML')
    .option('--against <folder>', 'other policies, and where they answer differently; "shipped" for the shipped ones');
  addPlaceOptions(command, 'as an option');
  addOutputOptions(command);
  addExamples(
    command,
    'countersign policy test cases.yaml',
    'countersign policy test cases.yaml --folder ./policies --against shipped',
  );
  command.action(async (file: string) => {
    const { deps } = session;
    const options = command.opts<TestOptions>();
    const print = printerFor(deps, options);
    const { against } = options;
    const given = { ...placeOf(options), file, ...(against !== undefined && { against }) };
    const report = await deps.commands.testPolicies(given);
    const { green, red, yellow } = print.colors;
    for (const { name, ok, expected, got, before, changed } of report.cases) {
      print.text(`${ok ? green('ok') : red('not ok')}  ${visibleLine(name)}: ${words(got)}`);
      if (!ok) print.text(`  expected ${words(expected)}\n  ${visibleLine(got.reason)}`);
      if (changed && before !== null) print.text(`  ${yellow('changed')}: ${words(before)} -> ${words(got)}`);
    }
    const wrong = report.cases.filter(({ ok }) => !ok).length;
    const changes = report.cases.filter(({ changed }) => changed).length;
    print.note(`${report.cases.length} cases, ${wrong} wrong${against === undefined ? '' : `, ${changes} changed`}`);
    print.document(report);
    session.exitCode = wrong === 0 ? 0 : 1;
  });
}
