import { visibleLine } from '@countersign/evidence';
import type { Failure, RunView } from '@countersign/protocol';
import type { Colors } from './colors.ts';
import { renderTime } from './time.ts';

/** A failure in words, with its code. */
export function failureText(failure: Failure, colors: Colors): string {
  return `${visibleLine(failure.message)} ${colors.dim(`(${visibleLine(failure.code)})`)}`;
}

/** The colour of a run's state. */
export function paintState(state: string, colors: Colors): string {
  if (state === 'succeeded' || state === 'verified') return colors.green(state);
  if (state === 'failed' || state === 'outcome_unknown' || state === 'unknown') return colors.red(visibleLine(state));
  return colors.yellow(visibleLine(state));
}

/** A run with the state of each step, its failure and artifacts. */
export function renderRun(run: RunView, colors: Colors): string {
  const when = `${renderTime(run.started_at ?? run.created_at)} to ${renderTime(run.ended_at)}`;
  const lines = [
    `${colors.bold('Run')} ${visibleLine(run.run_id)}  ${paintState(run.state, colors)}  ${colors.dim(when)}`,
  ];
  for (const step of run.steps) {
    const why = step.failure === null ? '' : `: ${failureText(step.failure, colors)}`;
    lines.push(`  ${step.index + 1}. ${visibleLine(step.action)}  ${paintState(step.state, colors)}${why}`);
  }
  if (run.failure !== null) lines.push(`  ${colors.red('failed')}: ${failureText(run.failure, colors)}`);
  for (const artifact of run.artifacts) {
    const cut = artifact.truncated ? ', cut at its limit' : '';
    lines.push(`  artifact ${artifact.artifact_id} ${visibleLine(artifact.name)}, ${artifact.size_bytes} bytes${cut}`);
  }
  return lines.join('\n');
}
