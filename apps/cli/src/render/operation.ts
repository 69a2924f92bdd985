import { visibleLine } from '@countersign/evidence';
import type { OperationView } from '@countersign/protocol';
import type { Colors } from './colors.ts';
import { renderPlan } from './plan.ts';
import { renderRun } from './run.ts';
import { renderTime } from './time.ts';
import { renderVerdict } from './verdict.ts';

/** The exact target in one line: `sandbox/stage app-stage (repo)`. */
export function targetText(target: OperationView['target']): string {
  const { project, environment, name, connector, tier } = target;
  const care = tier === environment ? '' : `, tier ${tier}`;
  return `${visibleLine(project)}/${visibleLine(environment)} ${visibleLine(name)} (${visibleLine(connector)}${care})`;
}

function headLines(operation: OperationView, colors: Colors): string[] {
  const { requester, rollback_of: undoes, rolled_back_by: undoneBy, blocked_by: blocker } = operation;
  const who = requester.ai ? `${requester.name} (AI, for ${requester.root})` : requester.name;
  const row = (label: string, text: string) => `  ${colors.dim(label.padEnd(9))} ${text}`;
  const lines = [
    `${colors.bold('Operation')} ${operation.op_id}  ${colors.bold(visibleLine(operation.display))}`,
    row('target', colors.bold(targetText(operation.target))),
    row('risk', `${riskText(operation, colors)}, effect ${operation.effect}`),
    row('requester', visibleLine(who)),
    row('bundle', operation.bundle_id),
  ];
  if (operation.plan?.digest) lines.push(row('digest', operation.plan.digest));
  if (operation.note !== '') lines.push(row('note', visibleLine(operation.note)));
  if (undoes) lines.push(row('undoes', undoes));
  if (undoneBy) lines.push(row('undone by', undoneBy));
  if (blocker)
    lines.push(row('blocked', `by operation ${visibleLine(blocker.op_id)}, run ${visibleLine(blocker.run_id)}`));
  return lines;
}

/** The risk in the colour of its weight. */
export function riskText({ risk }: Pick<OperationView, 'risk'>, colors: Colors): string {
  return { low: colors.green, medium: colors.yellow, high: colors.red }[risk](risk);
}

/** An operation in full: what, where, every diff, checks, preconditions, rollback, verdict, approvals, run. */
export function renderOperation(operation: OperationView, colors: Colors): string {
  const lines = headLines(operation, colors);
  const plan = renderPlan(operation, colors);
  if (plan !== '') lines.push('', plan);
  lines.push('', `${colors.bold('Verdict')}  ${renderVerdict(operation, colors)}`);
  for (const { kind, principal, state, expires_at: until, comment } of operation.approvals) {
    const words = comment === '' ? '' : `: ${visibleLine(comment)}`;
    lines.push(`  ${kind} by ${visibleLine(principal)}, ${state}, until ${renderTime(until)}${words}`);
  }
  if (operation.run !== null) lines.push('', renderRun(operation.run, colors));
  return lines.join('\n');
}
