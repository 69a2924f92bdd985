import type { Check, Diff, PlanBody, Precondition } from '@countersign/protocol';
import { codeBlock, codeSpan, jsonBlock } from './markdown.ts';

function renderDiff(diff: Diff, index: number): string {
  return `### Diff ${index + 1}: ${codeSpan(diff.path)}\n\nStep ${diff.step + 1}: ${codeSpan(diff.summary)}\n\n${codeBlock(diff.patch, 'diff')}`;
}

function renderCheck(check: Check): string {
  const file = check.file === undefined ? [] : [codeSpan(check.file)];
  const line = check.line === undefined ? [] : [`line ${check.line}`];
  const parts = [...file, ...line];
  const place = parts.length === 0 ? '' : ` (${parts.join(', ')})`;
  return `- **${check.status}** ${codeSpan(check.id)} (severity ${check.severity}): ${codeSpan(check.message)}${place}\n`;
}

function renderPrecondition(precondition: Precondition): string {
  const { kind, resource, fingerprint, observed } = precondition;
  return `### ${codeSpan(kind)} ${codeSpan(resource)}\n\nFingerprint ${codeSpan(fingerprint)}\n\n${jsonBlock(observed)}`;
}

function renderTarget(body: PlanBody): string {
  const { name, project, environment, tier, connector, identity } = body.target;
  const rows = { name, project, environment, tier, connector, identity };
  return Object.entries(rows)
    .map(([label, value]) => `- ${label}: ${codeSpan(value)}\n`)
    .join('');
}

function renderSteps(body: PlanBody): string {
  return body.steps
    .map(
      (step) =>
        `### Step ${step.index + 1}: ${codeSpan(step.action)}\n\nAction version ${step.version}, replay: ${step.replay}\n\n${jsonBlock(step.inputs)}`,
    )
    .join('\n');
}

function renderRollback(body: PlanBody): string {
  const { rollback } = body;
  if (!rollback.possible) return `Not possible: ${codeSpan(rollback.reason)}\n`;
  const steps = rollback.steps.map(
    (step, index) =>
      `### Rollback step ${index + 1}: ${codeSpan(step.action)}\n\nTakes back step ${step.undoes + 1}.\n\n${jsonBlock(step.inputs)}`,
  );
  return `${codeSpan(rollback.summary)}\n\n${steps.join('\n')}`;
}

function section(title: string, content: string): string {
  return `## ${title}\n\n${content === '' ? 'None.\n' : content}`;
}

/**
 * A plan as Markdown, as a person approves it and as `plan.md` keeps it: everything in the digested body, nothing else.
 *
 * Text from outside stands only in code spans and fenced blocks and has gone through `visible`, so it can neither hide
 * nor pass for the rendering's own words. Same body, same bytes, under every runtime.
 *
 * @throws TypeError when inputs or observations cannot be written as canonical JSON.
 */
export function renderPlan(body: PlanBody): string {
  const { name, version, manifest_hash } = body.connector;
  return [
    `# Plan for ${codeSpan(body.target.name)}\n`,
    section('Target', renderTarget(body)),
    section('Steps', renderSteps(body)),
    section('Diffs', body.diffs.map(renderDiff).join('\n')),
    section('Checks', body.checks.map(renderCheck).join('')),
    section('Preconditions', body.preconditions.map(renderPrecondition).join('\n')),
    section('Rollback', renderRollback(body)),
    section('Connector', `${codeSpan(name)} ${codeSpan(version)}, manifest ${codeSpan(manifest_hash)}\n`),
  ].join('\n');
}
