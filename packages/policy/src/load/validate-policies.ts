import { validate } from '@cedar-policy/cedar-wasm/nodejs';
import { cedarProblem } from './cedar-problem.ts';
import type { LoadedPolicy, PolicyFile, PolicyProblem } from './policy-set.ts';

/**
 * Judges policies strictly against the schema. A warning is a problem too: a policy that can never apply and a string of
 * mixed scripts both mean that the policy does not say what its reader thinks.
 */
export function validatePolicies(schema: PolicyFile, policies: ReadonlyMap<string, LoadedPolicy>): PolicyProblem[] {
  const texts = Object.fromEntries([...policies.values()].map((policy) => [policy.id, policy.text]));
  const answer = validate({
    schema: schema.text,
    policies: { staticPolicies: texts },
    validationSettings: { mode: 'strict' },
  });
  const schemaPlace = { file: schema.name, policyId: null, text: schema.text, line: 1 };
  if (answer.type === 'failure') {
    return answer.errors.map((error) => cedarProblem(schemaPlace, error, 'a Cedar schema'));
  }
  const problems = answer.otherWarnings.map((warning) =>
    cedarProblem(schemaPlace, warning, 'a schema without warnings'),
  );
  for (const { policyId, error } of [...answer.validationErrors, ...answer.validationWarnings]) {
    const policy = policies.get(policyId);
    const place = policy === undefined ? schemaPlace : { ...policy, policyId };
    problems.push(cedarProblem(place, error, `a policy that fits ${schema.name}`));
  }
  return problems;
}
