import { canonicalJson, planDigest } from '@countersign/evidence';
import { nodeSha256 } from '@countersign/evidence/node';
import { CodedError, type Job, type Json, type JsonObject, type PlanBody } from '@countersign/protocol';

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether the text is these parts in order, where each part that is sealed stands for any text. */
function isMadeOf(text: string, parts: readonly Json[]): boolean {
  const last = parts.at(-1);
  if (last === undefined) return text === '';
  if (typeof last === 'string') {
    return text.endsWith(last) && isMadeOf(text.slice(0, text.length - last.length), parts.slice(0, -1));
  }
  let at = 0;
  for (const [place, part] of parts.entries()) {
    if (typeof part !== 'string') continue;
    const found = text.indexOf(part, at);
    if (found < 0 || (place === 0 && found > 0)) return false;
    at = found + part.length;
  }
  return true;
}

function isSealed(value: JsonObject): boolean {
  return Object.keys(value).length === 1 && typeof value['$sealed'] === 'string';
}

/**
 * Whether a value is the planned one, opened where the plan keeps a secret sealed. What the secret is cannot be compared
 * here: the plan names it by a hash whose key the server keeps.
 */
function opens(given: Json | undefined, planned: Json | undefined): boolean {
  if (Array.isArray(planned)) {
    if (!Array.isArray(given) || given.length !== planned.length) return false;
    return planned.every((item, index) => opens(given[index], item));
  }
  if (!isObject(planned)) return given === planned;
  if (isSealed(planned)) return typeof given === 'string';
  const parts = planned['$sealed_parts'];
  if (Array.isArray(parts)) return typeof given === 'string' && isMadeOf(given, parts);
  if (!isObject(given)) return false;
  const keys = Object.keys(planned);
  return (
    Object.keys(given).length === keys.length &&
    keys.every((key) => Object.hasOwn(given, key) && opens(given[key], planned[key]))
  );
}

function stepsFit({ steps }: Job, plan: PlanBody): boolean {
  return (
    steps.length === plan.steps.length &&
    plan.steps.every((planned, place) => {
      const given = steps[place];
      const same = given?.index === planned.index && planned.index === place && given.action === planned.action;
      return same && opens(given.inputs, planned.inputs);
    })
  );
}

function digestOf(plan: PlanBody): string | null {
  try {
    return planDigest(plan, nodeSha256);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/**
 * The plan that a job is to run, once it is sure that this copy of it is what was approved: its digest is derived again,
 * and target and steps are those of the plan.
 *
 * @throws CodedError E_DIGEST_MISMATCH before anything is looked at or done.
 */
export function approvedPlan(job: Job): PlanBody {
  const { plan } = job;
  const refuse = (what: string): never => {
    throw new CodedError('E_DIGEST_MISMATCH', `${what}; nothing was done`, { next: 'propose it again' });
  };
  if (plan === null || job.plan_digest === null) return refuse('this job has no approved plan');
  if (digestOf(plan) !== job.plan_digest) return refuse('the plan of this job is not the one that was approved');
  const { identity, ...target } = plan.target;
  if (canonicalJson(target) !== canonicalJson(job.target)) return refuse(`${identity} is not the target of this job`);
  if (!stepsFit(job, plan)) return refuse('the steps of this job are not those that were approved');
  return plan;
}
