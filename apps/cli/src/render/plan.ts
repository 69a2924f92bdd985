import { visible, visibleLine } from '@countersign/evidence';
import type { Check, OperationView, RollbackPlan } from '@countersign/protocol';
import type { Colors } from './colors.ts';
import { renderDiff } from './diff.ts';
import { visibleJson } from './json.ts';

/** The whole of it: what is cut could not be approved. */
function inputsText(inputs: OperationView['steps'][number]['inputs']): string {
  return visibleJson(inputs);
}

function checkLine(check: Check, colors: Colors): string {
  const paint = { pass: colors.green, warn: colors.yellow, fail: colors.red }[check.status];
  const at = check.file === undefined ? '' : ` ${check.file}${check.line === undefined ? '' : `:${check.line}`}`;
  return `  ${paint(check.status.padEnd(4))} ${visibleLine(`${check.id}${at}`)}  ${visibleLine(check.message)}`;
}

function rollbackLines(rollback: RollbackPlan, colors: Colors): string[] {
  if (!rollback.possible) return [`  ${colors.yellow('not possible')}: ${visibleLine(rollback.reason)}`];
  const steps = rollback.steps.map(({ action, inputs }) => `  ${action} ${colors.dim(inputsText(inputs))}`);
  return [`  ${visibleLine(rollback.summary)}`, ...steps];
}

function section(title: string, lines: readonly string[], colors: Colors): string[] {
  return lines.length === 0 ? [] : ['', colors.bold(title), ...lines];
}

/** Steps, diffs, checks, preconditions, ageing observations and rollback of the current plan. */
export function renderPlan(operation: OperationView, colors: Colors): string {
  const { plan, steps, diffs, checks } = operation;
  const lines = [colors.bold('Steps')];
  for (const [index, { action, inputs }] of steps.entries()) {
    lines.push(`  ${index + 1}. ${action} ${colors.dim(inputsText(inputs))}`);
  }
  if (plan?.error) {
    const { code, message } = plan.error;
    return [...lines, '', `${colors.red('No plan')}: ${visible(message)} ${colors.dim(`(${visibleLine(code)})`)}`].join(
      '\n',
    );
  }
  if (plan === null) return [...lines, '', colors.dim('No plan yet.')].join('\n');
  lines.push('', colors.bold(`Changes (${diffs.length})`));
  lines.push(diffs.length === 0 ? '  none' : diffs.map((diff) => renderDiff(diff, colors)).join('\n\n'));
  lines.push(
    ...section(
      'Checks',
      checks.map((check) => checkLine(check, colors)),
      colors,
    ),
  );
  const preconditions = plan.preconditions.map(
    ({ kind, resource, observed }) =>
      `  ${visibleLine(kind)} ${visibleLine(resource)} ${colors.dim(inputsText(observed))}`,
  );
  lines.push(...section('Holds only while', preconditions, colors));
  const volatile = plan.volatile.map(({ label, value }) => `  ${visibleLine(label)}: ${visibleLine(value)}`);
  lines.push(...section('Seen when planned', volatile, colors));
  if (plan.rollback) lines.push(...section('Rollback', rollbackLines(plan.rollback, colors), colors));
  return lines.join('\n');
}
