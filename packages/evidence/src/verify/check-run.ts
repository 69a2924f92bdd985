import type { BundleManifest, BundleRun, PlanBody } from '@countersign/protocol';
import { bundlePaths } from '../bundle/bundle-paths.ts';
import type { FindingList } from './finding-list.ts';

const ended: readonly BundleRun['state'][] = ['succeeded', 'failed', 'cancelled'];

function endProblems(run: BundleRun): string[] {
  const problems: string[] = [];
  if (!ended.includes(run.state)) problems.push(`Its state is ${run.state}.`);
  if (run.ended_at === null) problems.push('It has no end.');
  const times = [run.created_at, run.started_at, run.ended_at].filter((time) => time !== null);
  if (times.some((time, index) => time < (times[index - 1] ?? 0))) problems.push('Its times run backwards.');
  return problems;
}

function stepProblems(run: BundleRun, plan: PlanBody): string[] {
  if (run.steps.length !== plan.steps.length) {
    return [`${run.steps.length} steps are recorded, ${plan.steps.length} were planned.`];
  }
  return plan.steps.flatMap((planned, position) => {
    const step = run.steps[position];
    const same = step?.index === planned.index && step.action === planned.action && step.replay === planned.replay;
    return same ? [] : [`Step ${position} is not the planned ${planned.action}.`];
  });
}

function outcomeProblems(run: BundleRun): string[] {
  const problems: string[] = [];
  for (const step of run.steps) {
    if (run.state === 'succeeded' && step.state !== 'verified') {
      problems.push(`The run succeeded, but step ${step.index} is ${step.state}.`);
    }
    if (step.state === 'intent' || step.state === 'unknown') {
      problems.push(`It is not known what step ${step.index} did.`);
    }
  }
  if (run.state === 'succeeded' && run.failure !== null) problems.push('The run succeeded, but carries a failure.');
  if (run.state === 'failed' && run.failure === null) problems.push('The run failed, but says not why.');
  return problems;
}

/** Checks the run for itself, and against plan and manifest where they could be read. */
export function checkRun(
  run: BundleRun,
  plan: PlanBody | null,
  manifest: BundleManifest | null,
  findings: FindingList,
): void {
  const foreign = manifest !== null && run.op_id !== manifest.op_id;
  findings.judge('run.form', bundlePaths.run, foreign ? [`It is of operation ${run.op_id}.`] : []);
  findings.judge('run.ended', bundlePaths.run, endProblems(run));
  if (plan !== null) findings.judge('run.steps', bundlePaths.run, stepProblems(run, plan));
  findings.judge('run.outcome', bundlePaths.run, outcomeProblems(run));
}
