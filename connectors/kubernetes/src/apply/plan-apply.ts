import type { Check, Diff, JsonObject } from '@countersign/protocol';
import { stringify } from 'yaml';
import type { Found, View } from '../change/look.ts';
import { placeOf, type Subject, titleOf } from '../change/subject.ts';
import { fail, pass, type Verdict, warn } from '../change/verdict.ts';
import type { KubernetesClient } from '../client/kubernetes-client.ts';
import type { Inverse } from '../deployment/plan-deployment.ts';
import { ApplyInputs } from '../manifest/write-actions.ts';
import { plainObject } from '../plain-object.ts';
import { withheldPair } from '../resource/withhold-pair.ts';
import { lineDiff } from '../text/line-diff.ts';
import { type DryRun, dryRun } from './dry-run.ts';
import { inverseApply } from './inverse.ts';
import { parseManifest } from './manifest.ts';
import { commonPart, meantObject, withoutGuesses } from './shown-object.ts';

/** What applying a manifest comes to. */
export interface ApplyPlan {
  readonly checks: Check[];
  readonly diff: Diff | undefined;
  readonly inverse: Inverse;
}

function liveOf(found: Found): JsonObject | undefined {
  return found.is === 'there' ? plainObject(found.object) : undefined;
}

/** The diff of an object now and as it would be. What is made anew is shown without what the cluster makes up each time. */
function diffOf(step: number, subject: Subject, live: JsonObject | undefined, result: JsonObject): Diff {
  const path = placeOf(subject);
  const options = { sortMapEntries: true, lineWidth: 0 };
  const after = meantObject(result);
  const [was, is] = withheldPair(live === undefined ? {} : meantObject(live), after);
  const patch = lineDiff(path, live === undefined ? '' : stringify(was, options), stringify(is, options));
  const summary = live === undefined ? `make ${titleOf(subject)}` : `apply ${titleOf(subject)}`;
  // A plan without a visible change still shows what it is about.
  return { step, path, summary, patch: patch === '' ? `--- ${path}\n+++ ${path}\n` : patch };
}

function conflictChecks(subject: Subject, tried: DryRun, forced: DryRun | undefined): [string, Verdict][] {
  const causes = tried.is === 'conflict' ? tried.causes : [];
  if (causes.length === 0)
    return [['field_conflicts', pass(`nobody else owns a field of ${titleOf(subject)} that changes`)]];
  return causes.map(({ field, message }): [string, Verdict] => {
    const text = `${field}: ${message}`;
    return [
      `field_conflict:${field}`,
      forced === undefined ? fail(`${text}; \`force\` would take it over`) : warn(`${text}; it is taken over`),
    ];
  });
}

/** Plans one step of `k8s.apply` by what the cluster says that it would come to. */
export async function planApply(
  client: KubernetesClient,
  { step, subject, found }: View,
  signal: AbortSignal,
): Promise<ApplyPlan> {
  const { manifest: text, force } = ApplyInputs.parse(step.inputs);
  const manifest = parseManifest(text);
  if (typeof manifest === 'string') return { checks: [], diff: undefined, inverse: { reason: manifest } };
  const id = (name: string): string => `${name}:${placeOf(subject)}`;
  const tried = await dryRun(client, subject, manifest.object, { force: false, signal });
  const forced =
    tried.is === 'conflict' && force ? await dryRun(client, subject, manifest.object, { force, signal }) : undefined;
  const result = forced ?? tried;
  const checks = conflictChecks(subject, tried, forced).map(([name, verdict]) => ({ id: id(name), ...verdict }));
  if (result.is === 'refused') {
    checks.push({ id: id('dry_run'), ...fail(`the cluster does not take it: ${result.message}`) });
    return { checks, diff: undefined, inverse: { reason: 'The cluster does not take it.' } };
  }
  if (result.is === 'conflict') return { checks, diff: undefined, inverse: { reason: 'Others own fields of it.' } };
  const live = liveOf(found);
  let object = result.object;
  if (live === undefined) {
    // Names and addresses that the cluster makes up differ from one try to the next, and would from the run.
    const again = await dryRun(client, subject, manifest.object, { force, signal });
    if (again.is === 'fine') object = withoutGuesses(commonPart(object, again.object), manifest.object);
  }
  checks.push({ id: id('dry_run'), ...pass('the cluster takes it') });
  return {
    checks,
    diff: diffOf(step.index, subject, live, object),
    inverse: inverseApply(subject, live, result.object),
  };
}
