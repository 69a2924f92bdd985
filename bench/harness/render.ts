import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Results, readResults, type SavedFigure } from './results.ts';
import type { Row } from './row.ts';

const file = join(import.meta.dirname, '..', '..', 'docs', 'performance.md');

const head = `# Performance

Made by \`npm run bench -- --render\` from \`bench/results.json\`; not to be edited by hand.

Machines differ and are shared, so ratios count that were measured side by side, in one run. \`npm run bench -- NAME\`
measures one row and writes it into \`bench/results.json\`; \`npm run bench\` measures all. Contenders take turns in every
round, their order turns too, and a figure is the median of at least five rounds. A goal is met or missed by what was measured
on the machine and under the load that stand beside it; no test depends on time.
`;

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function goalText({ goal }: SavedFigure): string {
  if (goal === null) return '';
  return `${goal.bound} ${goal.value}${goal.of === 'ratio' ? ' x the peer' : ''}`;
}

function peerText({ peer, absent }: SavedFigure): string {
  if (absent !== undefined) return `not run here: ${absent}`;
  return peer === null ? '' : `${peer.name}: ${peer.value}`;
}

function line(figure: SavedFigure): string {
  const met = figure.met === null ? '' : figure.met ? 'met' : '**missed**';
  const cells = [
    figure.what,
    goalText(figure),
    peerText(figure),
    `${figure.ours} ${figure.unit}`,
    figure.ratio === null ? '' : String(figure.ratio),
    met,
  ];
  return `| ${cells.map(cell).join(' | ')} |`;
}

function section([name, row]: [string, Results[string]], told: Row | undefined): string {
  const { machine } = row;
  const busy = machine.load > machine.cores ? ' More than the cores: read the ratios, not the times.' : '';
  const at = row.commit === undefined ? '' : ` Measured at commit ${row.commit}.`;
  const notes = [
    ...(told?.changed ?? []).map((text) => `- Changed: ${text}`),
    ...(told?.dominates === undefined ? [] : [`- What takes the time that is left: ${told.dominates}`]),
    ...(row.cited === undefined ? [] : [`- Not run here, so without a ratio: ${row.cited}.`]),
  ];
  return `## ${name}

${row.what}. Load average ${machine.load} before, ${machine.loadAfter} after, on ${machine.cores} cores.${busy}${at}

| what | goal | peer | ours | ratio | |
|---|---|---|---|---|---|
${row.figures.map(line).join('\n')}
${notes.length === 0 ? '' : `\n${notes.join('\n')}\n`}`;
}

function machineText(results: Results): string {
  const machines = Object.values(results).map(({ machine: { cpu, cores, memoryGb, node, platform } }) =>
    [cpu, `${cores} cores`, `${memoryGb} GB`, platform, `Node ${node}`].join(', '),
  );
  return [...new Set(machines)].map((text) => `Machine: ${text}.`).join('\n');
}

/** What is missed, in one list: what a reader looks for first. */
function shortOf(results: Results): string {
  const missed = Object.entries(results).flatMap(([name, { figures }]) =>
    figures
      .filter(({ met }) => met === false)
      .map(
        (figure) =>
          `- [${name}](#${name}): ${figure.what}: ${figure.ratio === null || figure.goal?.of === 'ours' ? `${figure.ours} ${figure.unit}` : `${figure.ratio} x`}, wanted ${goalText(figure)}`,
      ),
  );
  return `## What still falls short\n\n${missed.length === 0 ? 'Nothing that was measured.' : missed.join('\n')}\n`;
}

/** Writes `docs/performance.md` from what was measured; what was changed and what is left stands with the rows. */
export function renderResults(rows: readonly Row[]): void {
  const results = readResults();
  const sections = Object.entries(results).map((entry) =>
    section(
      entry,
      rows.find(({ name }) => name === entry[0]),
    ),
  );
  const parts = [head, `${machineText(results)}\n`, shortOf(results), ...sections];
  writeFileSync(file, `${parts.join('\n').trimEnd()}\n`);
  console.log('wrote docs/performance.md');
}
