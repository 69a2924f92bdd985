import { visibleLine } from '@countersign/evidence';
import type { OperationView } from '@countersign/protocol';
import type { Context } from '../program/context.ts';
import { renderVerdict } from '../render/verdict.ts';

/** What became of an operation, in a few lines with the next commands; with `--json` the operation. Answers 0. */
export function tellOperation(context: Context, operation: OperationView): number {
  const { print } = context;
  print.text(`Operation ${operation.op_id}  ${print.colors.bold(visibleLine(operation.display))}`);
  if (operation.state === 'planned') print.text(renderVerdict(operation, print.colors));
  for (const step of operation.next) print.note(`  ${visibleLine(step)}`);
  print.document(operation);
  return 0;
}
