import { visibleLine } from '@countersign/evidence';
import type { ReplayReport } from '@countersign/protocol';
import type { Colors } from './colors.ts';

const shownEqual = 12;

/** A replay for people: what each step was, everything that differs, and a few of what is equal. */
export function renderReplay(report: ReplayReport, colors: Colors): string {
  const steps = report.steps.map(({ index, action, mode, state, replayed }) => {
    const done = replayed ? mode : `${mode}, not replayed: ${state}`;
    return `  step ${index + 1}  ${visibleLine(action)}  ${done}`;
  });
  const differing = report.compared
    .filter(({ equal }) => !equal)
    .flatMap(({ step, what, expected, actual }) => [
      `  ${colors.red('unequal')} ${step === null ? '' : `step ${step + 1} `}${visibleLine(what)}`,
      `          recorded ${visibleLine(expected)}`,
      `          replayed ${visibleLine(actual)}`,
    ]);
  const same = report.compared.filter(({ equal }) => equal);
  const equal = same.slice(0, shownEqual).map(({ step, what, actual }) => {
    return `  ${colors.green('equal')}   ${step === null ? '' : `step ${step + 1} `}${visibleLine(what)}  ${visibleLine(actual)}`;
  });
  const rest = report.equal - equal.length;
  const more = rest > 0 ? [`  and ${rest} more that are equal`] : [];
  return [visibleLine(report.says), ...steps, ...differing, ...equal, ...more].join('\n');
}
