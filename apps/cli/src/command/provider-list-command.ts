import type { ProvidersView, ProviderView } from '@countersign/protocol';
import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import type { Printer } from '../program/printer.ts';
import { renderTable } from '../render/table.ts';

function priceOf({ price }: ProviderView): string {
  if (price === null) return '-';
  return `${price.input_per_million} / ${price.output_per_million} ${price.currency}`;
}

/** Prints providers as people read them. */
export function printProviders(print: Printer, answer: ProvidersView): void {
  const rows = answer.providers.map((each) => [
    each.name === answer.active ? '*' : '',
    each.name,
    each.type,
    each.model,
    each.base_url ?? '-',
    each.keyed ? 'yes' : '-',
    priceOf(each),
  ]);
  print.text(renderTable(['', 'PROVIDER', 'TYPE', 'MODEL', 'AT', 'KEY', 'IN / OUT PER MILLION'], rows, print.colors));
  const { tokens_per_minute, output_tokens } = answer.budget;
  print.note(`A project may spend ${tokens_per_minute} tokens a minute; an answer has at most ${output_tokens}.`);
  for (const { file, line, problem } of answer.faults)
    print.note(`Not taken over: ${file}${line === null ? '' : `:${line}`}: ${problem}`);
}

/** `countersign provider ls`. */
export function configureProviderList(command: Command, session: Session): void {
  addCommonOptions(command);
  addExamples(command, 'countersign provider ls');
  setAction<CommonOptions>(command, session, async ({ client, print }) => {
    const answer = await client.call('providerList');
    printProviders(print, answer);
    print.document(answer);
    return 0;
  });
}
