import { visibleLine } from '@countersign/evidence';
import type { PlannedActionView, PlanPromptView } from '@countersign/protocol';
import type { Colors } from './colors.ts';
import { visibleJson } from './json.ts';
import { renderTable } from './table.ts';
import { decisionText } from './verdict.ts';

const how = {
  exact: 'as it is written',
  alias: 'by another name',
  near: 'the nearest name',
  only: 'the only one that fits',
} as const;

function resolvedLines(action: PlannedActionView, index: number, colors: Colors): string[] {
  return action.resolved.map(({ field, said, meant, by }) => {
    const words = said === '' ? '' : `"${visibleLine(said)}" `;
    const line = `  ${index + 1} ${visibleLine(field)}: ${words}-> ${visibleLine(meant)} (${how[by]})`;
    return by === 'exact' ? colors.dim(line) : by === 'near' ? colors.yellow(line) : line;
  });
}

/** What could not be looked at, as the answer tells it. */
export function unreadLines({ meta }: PlanPromptView): string[] {
  const { unread } = meta.detail;
  return Array.isArray(unread) ? unread.map((one) => `could not look at ${visibleJson(one)}`) : [];
}

/** A plan made of a sentence: who made it, each action with target and inputs, and what was read as what. */
export function renderPlanned(view: PlanPromptView, colors: Colors): string {
  const { plan, meta } = view;
  const sure = `${Math.round(plan.confidence * 100)} % sure`;
  const cost = meta.cost === null ? '' : `, ${meta.cost.amount} ${visibleLine(meta.cost.currency)}`;
  const tokens = meta.tokens_in + meta.tokens_out === 0 ? '' : `, ${meta.tokens_in} + ${meta.tokens_out} tokens${cost}`;
  const rows = plan.actions.map(({ action, target, params, effect, risk, verdict }, index) => [
    String(index + 1),
    action,
    `${target.project}/${target.environment} ${target.name}`,
    JSON.stringify(params),
    effect === 'read' ? 'read' : `${effect}, risk ${risk}`,
    decisionText(verdict),
  ]);
  return [
    `${colors.bold('Understood')}  ${visibleLine(plan.intent)}  ${colors.dim(`by ${visibleLine(meta.model)}, ${sure}${tokens}`)}`,
    '',
    renderTable(['#', 'action', 'target', 'inputs', 'effect', 'policy'], rows, colors),
    '',
    ...plan.actions.flatMap((action, index) => resolvedLines(action, index, colors)),
  ].join('\n');
}
