import type {
  LoadedPolicy,
  PolicyFile,
  PolicyLoadOutcome,
  PolicyLoadRefusal,
  PolicyProblem,
  PolicyProfile,
  PolicySet,
} from './policy-set.ts';
import { policySetVersion } from './policy-set-version.ts';
import { releaseSlice, schemaWords, slicePolicies } from './slice-policies.ts';
import { splitPolicies } from './split-policies.ts';
import { validatePolicies } from './validate-policies.ts';

let loads = 0;

/**
 * Loads a policy set, whole or not at all: every policy with a unique `@id`, strictly valid against the one
 * `.cedarschema` among the files, no templates, obligations only on a forbid that they lift.
 * Refuses with `E_CONFIG` and every problem found, by file and line. `validated` files, as those of a release whose tests
 * held, are not judged against the schema again: that is a third of the time.
 */
export function loadPolicySet(
  files: readonly PolicyFile[],
  profile: PolicyProfile,
  { validated = false }: { readonly validated?: boolean } = {},
): PolicyLoadOutcome {
  const problems: PolicyProblem[] = strangers(files);
  const policies = new Map<string, LoadedPolicy>();
  for (const file of files.filter(isPolicyText)) {
    const split = splitPolicies(file);
    problems.push(...split.problems);
    for (const policy of split.policies) {
      const first = policies.get(policy.id);
      if (first === undefined) policies.set(policy.id, policy);
      else problems.push(duplicate(policy, first));
    }
  }
  const schemas = files.filter(isSchemaText);
  const schema = schemas[0];
  if (schema === undefined || schemas.length > 1) {
    problems.push(ofSet(`${schemas.length} schemas`, 'exactly one file that ends in .cedarschema'));
  } else if (!validated) {
    problems.push(...validatePolicies(schema, policies));
  }
  if (policies.size === 0) problems.push(ofSet('no policies', 'at least one .cedar file with a policy'));
  if (problems.length > 0 || schema === undefined) return refusal(problems);
  const version = policySetVersion(files.map((file) => file.text));
  loads += 1;
  const { enumerations, actions } = schemaWords(schema.text);
  const slices = slicePolicies(`${version}#${loads}`, policies.values(), actions);
  return { ok: true, value: { version, slices, enumerations, profile, policies } };
}

function isPolicyText(file: PolicyFile): boolean {
  return file.name.endsWith('.cedar');
}

function isSchemaText(file: PolicyFile): boolean {
  return file.name.endsWith('.cedarschema');
}

function strangers(files: readonly PolicyFile[]): PolicyProblem[] {
  return files
    .filter((file) => !isPolicyText(file) && !isSchemaText(file))
    .map((file) => ({ ...ofSet('not a policy file', 'a name that ends in .cedar or .cedarschema'), file: file.name }));
}

function duplicate(policy: LoadedPolicy, first: LoadedPolicy): PolicyProblem {
  return {
    file: policy.file,
    policyId: policy.id,
    line: policy.line,
    problem: `@id("${policy.id}") is taken by ${first.file}:${first.line}`,
    expected: 'an id of its own for every policy',
  };
}

function ofSet(problem: string, expected: string): PolicyProblem {
  return { file: '(policy set)', policyId: null, line: null, problem, expected };
}

function refusal(problems: readonly PolicyProblem[]): PolicyLoadRefusal {
  const [first] = problems;
  const place =
    first === undefined ? '' : ` First: ${first.file}${first.line === null ? '' : `:${first.line}`}: ${first.problem}.`;
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return { ok: false, code: 'E_CONFIG', message: `The policy set was not loaded, it has ${count}.${place}`, problems };
}

/** Lets go of what Cedar keeps for a set; whoever asks it afterwards is denied. */
export function releasePolicySet({ slices }: PolicySet): void {
  for (const slice of slices.values()) releaseSlice(slice);
}
