import { policySetTextToParts, policyToJson } from '@cedar-policy/cedar-wasm/nodejs';
import { cedarProblem } from './cedar-problem.ts';
import type { LoadedPolicy, PolicyFile, PolicyProblem } from './policy-set.ts';
import { readObligation } from './read-obligation.ts';
import { lineOfPart } from './source-line.ts';

interface SplitFile {
  readonly policies: readonly LoadedPolicy[];
  readonly problems: readonly PolicyProblem[];
}

const idPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Splits a file into its policies, each with the id and obligation of its annotations; what cannot be taken is a problem. */
export function splitPolicies(file: PolicyFile): SplitFile {
  const parts = policySetTextToParts(file.text);
  if (parts.type === 'failure') {
    const place = { file: file.name, policyId: null, text: file.text, line: 1 };
    return { policies: [], problems: parts.errors.map((error) => cedarProblem(place, error, 'Cedar policy syntax')) };
  }
  const problems: PolicyProblem[] = parts.policy_templates.map((text) => ({
    file: file.name,
    policyId: null,
    line: lineOfPart(file.text, text),
    problem: 'a policy template',
    expected: 'a policy without ?principal and ?resource slots',
  }));
  if (parts.policies.length === 0 && parts.policy_templates.length === 0) {
    problems.push({
      file: file.name,
      policyId: null,
      line: null,
      problem: 'no policy in the file',
      expected: 'at least one policy; remove the file if none is meant',
    });
  }
  const policies: LoadedPolicy[] = [];
  for (const text of parts.policies) {
    const read = readPolicy(file, text);
    if ('problem' in read) problems.push(read);
    else policies.push(read);
  }
  return { policies: policies.sort((a, b) => a.line - b.line), problems };
}

function readPolicy(file: PolicyFile, text: string): LoadedPolicy | PolicyProblem {
  const line = lineOfPart(file.text, text);
  const answer = policyToJson(text);
  if (answer.type === 'failure') {
    return {
      file: file.name,
      policyId: null,
      line,
      problem: 'not readable as a policy',
      expected: 'Cedar policy syntax',
    };
  }
  const id = answer.json.annotations?.id ?? '';
  if (!idPattern.test(id)) {
    return {
      file: file.name,
      policyId: null,
      line,
      problem: id === '' ? 'a policy without @id' : `@id("${id}") is not an id`,
      expected: '@id("…") of 1 to 64 letters, digits, ".", "-", "_"',
    };
  }
  const reading = readObligation(answer.json);
  if (!reading.ok) return { file: file.name, policyId: id, line, problem: reading.problem, expected: reading.expected };
  return { id, effect: answer.json.effect, text, obligation: reading.obligation, file: file.name, line };
}
