import { rounded } from './results.ts';
import { type Figure, isMet, type Row, ratioOf } from './row.ts';

function goalText({ goal }: Figure): string {
  return goal === null ? '' : `${goal.bound} ${goal.value}${goal.of === 'ratio' ? 'x' : ''}`;
}

/** Prints a row: the peer's figure, ours, the ratio and the goal. */
export function printRow(row: Row, figures: readonly Figure[], load: number): void {
  console.log(`\n${row.name}: ${row.what} (load ${load})`);
  for (const figure of figures) {
    const ratio = ratioOf(figure);
    const met = isMet(figure);
    const peer = figure.peer === null ? '' : ` | ${figure.peer.name} ${rounded(figure.peer.value)}`;
    const against = ratio === null ? '' : ` | ratio ${rounded(ratio)}`;
    const goal = met === null ? '' : ` | goal ${goalText(figure)}: ${met ? 'met' : 'MISSED'}`;
    if (figure.absent !== undefined) console.log(`  not run here: ${figure.absent}`);
    console.log(`  ${figure.what}: ${rounded(figure.ours)} ${figure.unit}${peer}${against}${goal}`);
  }
  if (row.cited !== undefined) console.log(`  not run here: ${row.cited}`);
}
