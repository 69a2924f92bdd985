import { visibleLine } from '@countersign/evidence';
import type { Measure, MeasuresView } from '@countersign/protocol';
import type { Colors } from './colors.ts';
import { renderTime } from './time.ts';

const barWidth = 20;
const shownOffenders = 10;

function bar(ratio: number | null): string {
  if (ratio === null) return '·'.repeat(barWidth);
  // A share that is not whole never looks so.
  const raw = Math.round(ratio * barWidth);
  const filled = ratio === 0 ? 0 : ratio === 1 ? barWidth : Math.min(barWidth - 1, Math.max(1, raw));
  return '█'.repeat(filled) + '░'.repeat(barWidth - filled);
}

function percent(ratio: number | null): string {
  if (ratio === null) return 'none';
  const shown = Math.floor(ratio * 1000) / 10;
  return ratio > 0 && shown === 0 ? '<0.1 %' : `${shown} %`;
}

function renderMeasure(measure: Measure, colors: Colors): string[] {
  const { ratio, numerator, denominator, met, offenders, offender_count: count, summary } = measure;
  const paint = met === null ? colors.dim : met ? colors.green : colors.red;
  const numbers = `${percent(ratio)}`.padStart(7);
  const lines = [`${paint(bar(ratio))} ${numbers}  ${`${numerator} of ${denominator}`.padEnd(12)}  ${summary}`];
  for (const id of offenders.slice(0, shownOffenders))
    lines.push(`${' '.repeat(barWidth)}  ${colors.red(visibleLine(id))}`);
  if (count > shownOffenders)
    lines.push(`${' '.repeat(barWidth)}  and ${count - Math.min(count, shownOffenders)} more`);
  return lines;
}

/** The measures for people: a bar, the numbers, and under each the operations that stand against it. */
export function renderMeasures(view: MeasuresView, colors: Colors): string {
  const { outcomes, approvals, approval_wait_ms: wait, unknown } = view;
  const place = [view.project, view.environment].filter((name) => name !== null).map(visibleLine);
  const span = `${view.from === null ? 'the beginning' : renderTime(view.from)} to ${view.to === null ? 'now' : renderTime(view.to)}`;
  const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;
  return [
    colors.bold(`Success measures, ${span}${place.length === 0 ? '' : `, ${place.join('/')}`}`),
    ...view.measures.flatMap((measure) => renderMeasure(measure, colors)),
    '',
    `executed   ${outcomes.succeeded} succeeded, ${outcomes.failed} failed, ${outcomes.cancelled} cancelled${view.sealing === 0 ? '' : `; ${view.sealing} being sealed`}`,
    `decisions  ${approvals.confirmed} confirmed, ${approvals.approved} approved, ${approvals.rejected} rejected, ${view.denied} denied by policy`,
    ...(wait === null
      ? []
      : [`waiting    ${seconds(wait.p50)} (p50), ${seconds(wait.p95)} (p95) from proposal to approval`]),
    ...(unknown.left === 0
      ? []
      : [
          `in doubt   ${unknown.left}; cleared up ${unknown.by_reconcile} by the target, ${unknown.by_person} by a person`,
        ]),
    ...(view.untold === 0 ? [] : [colors.yellow(`${view.untold} ended run(s) do not tell what was measured`)]),
  ].join('\n');
}
