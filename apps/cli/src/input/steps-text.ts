import { CodedError, StepInput } from '@countersign/protocol';
import { parseDocument, stringify } from 'yaml';

const head = '# What is to be done, in order. Save to have it planned anew; close without a change to leave it.\n';
const next = 'edit it again: a list of steps, each with `action` and `inputs`';

/** Typed steps as a person edits them: YAML, where a patch or a file stands line by line. */
export function stepsText(steps: readonly StepInput[]): string {
  return head + stringify(steps, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** Reads what was saved; JSON is YAML too. E_VALIDATION says what is wrong, and in which line. */
export function readSteps(text: string): StepInput[] {
  const document = parseDocument(text, { prettyErrors: true });
  const [problem] = document.errors;
  if (problem !== undefined) {
    const line = problem.linePos?.[0].line;
    const where = line === undefined ? '' : ` in line ${line}`;
    throw new CodedError('E_VALIDATION', `what was saved is no YAML${where}: ${problem.code}`, {
      field: 'steps',
      next,
    });
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    throw new CodedError('E_VALIDATION', 'what was saved uses aliases', { field: 'steps', next }, { cause });
  }
  const parsed = StepInput.array().min(1).safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = ['steps', ...(issue?.path.map(String) ?? [])].join('/');
  const why = issue?.message ?? 'they are none';
  throw new CodedError('E_VALIDATION', `what was saved are no steps: ${field}: ${why}`, { field, next });
}
