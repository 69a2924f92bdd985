import { renderVerdict } from '@countersign/cli/render';
import { ActionAnswer, type JsonObject, OperationView } from '@countersign/protocol';
import { z } from 'zod';
import type { Said } from '../stage/countersign.ts';
import type { Stage } from '../stage/stage.ts';

const Levels = z.record(z.string(), z.number());
const LogSummary = z.object({
  lines: z.number(),
  levels: Levels,
  repeated: z.array(z.object({ text: z.string(), count: z.number() })),
});

/** The summary of a read that succeeded. */
export function summaryOf(said: Said): JsonObject {
  const { status, summary } = said.parse(ActionAnswer);
  if (status !== 'succeeded' || summary === null) throw new Error(`the read ended ${status}`);
  return summary;
}

/** What a log came to: lines, levels, and what it says most often. */
export function logGist(summary: JsonObject): string[] {
  const { lines, levels, repeated } = LogSummary.parse(summary);
  const counted = Object.entries(levels).filter(([, count]) => count > 0);
  return [
    `${lines} lines: ${counted.map(([level, count]) => `${count} ${level}`).join(', ') || 'no levels'}`,
    ...repeated.slice(0, 3).map(({ text, count }) => `${String(count).padStart(4)} × ${text}`),
  ];
}

/** What a person is shown before they confirm. */
export function planGist({ teller: { colors } }: Stage, view: OperationView): string[] {
  const failing = view.checks.filter(({ status }) => status === 'fail').length;
  return [
    `target ${colors.bold(view.target.name)} (${view.target.environment}), risk ${view.risk}, digest ${view.plan?.digest?.slice(0, 19) ?? 'none'}…`,
    `checks ${view.checks.length - failing} of ${view.checks.length} pass`,
    `verdict ${renderVerdict(view, colors).split('\n')[0] ?? ''}`,
  ];
}

/** The operation of a run that succeeded. */
export function succeeded(said: Said): OperationView {
  const view = said.parse(OperationView);
  if (view.run?.state !== 'succeeded') throw new Error(`the run ended ${view.run?.state ?? 'before it began'}`);
  return view;
}

/** How a run that succeeded is told. */
export function runGist({ teller: { colors } }: Stage, view: OperationView): string {
  const steps = view.run?.steps.map(({ state }) => state).join(', ') ?? '';
  const confirmed = view.approvals.map(({ principal }) => principal).join(', ');
  const by = confirmed === '' ? 'policy asks for no confirmation here' : `confirmed by ${confirmed}`;
  return `${colors.green('succeeded')}: ${steps}; ${by}`;
}
