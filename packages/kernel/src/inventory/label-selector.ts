import { accept, type Outcome, refuse } from '@countersign/protocol';

/** One requirement of a label selector. */
export interface LabelRequirement {
  readonly key: string;
  /** `in` and `not_in` with one value are `=` and `!=`. */
  readonly operator: 'in' | 'not_in' | 'exists' | 'not_exists';
  readonly values: readonly string[];
}

const name = '[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?';
const keyPattern = new RegExp(`^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?/)?${name}$`);
const valuePattern = new RegExp(`^(?:${name})?$`);
const setPattern = /^([^\s!=,()]+)\s+(in|notin)\s*\(([^()]*)\)$/;
const equalityPattern = /^([^\s!=,()]+)\s*(==|=|!=)\s*([^\s!=,()]*)$/;
const existsPattern = /^(!?)\s*([^\s!=,()]+)$/;

/** Parts between the commas that stand in no parentheses. */
function partsOf(text: string): string[] {
  return text.split(/,(?![^()]*\))/).map((part) => part.trim());
}

function readRequirement(part: string): LabelRequirement | null {
  const [, setKey, word, list] = setPattern.exec(part) ?? [];
  if (setKey !== undefined && list !== undefined) {
    const values = list.split(',').map((value) => value.trim());
    return { key: setKey, operator: word === 'in' ? 'in' : 'not_in', values };
  }
  const [, key, sign, value] = equalityPattern.exec(part) ?? [];
  if (key !== undefined && value !== undefined) {
    return { key, operator: sign === '!=' ? 'not_in' : 'in', values: [value] };
  }
  const [, not, existing] = existsPattern.exec(part) ?? [];
  if (existing === undefined) return null;
  return { key: existing, operator: not === '!' ? 'not_exists' : 'exists', values: [] };
}

function bad(why: string) {
  return refuse('E_VALIDATION', why, {
    field: '/labels',
    next: 'write it as Kubernetes does: app=web,tier!=db,zone in (a,b),stage notin (canary),!draining',
  });
}

/**
 * A label selector in the syntax of Kubernetes (equality- and set-based); all of its requirements must hold. E_VALIDATION names
 * what it cannot read. See https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/.
 */
export function parseLabelSelector(text: string): Outcome<readonly LabelRequirement[]> {
  const requirements: LabelRequirement[] = [];
  for (const part of partsOf(text)) {
    const requirement = readRequirement(part);
    if (requirement === null) return bad(`"${part}" is no requirement of a label selector`);
    if (!keyPattern.test(requirement.key)) return bad(`"${requirement.key}" is no key of a label`);
    const wrong = requirement.values.find((value) => !valuePattern.test(value));
    if (wrong !== undefined) return bad(`"${wrong}" is no value of a label`);
    requirements.push(requirement);
  }
  return accept(requirements);
}

function holds({ key, operator, values }: LabelRequirement, labels: ReadonlyMap<string, string>): boolean {
  const value = labels.get(key);
  if (operator === 'exists') return value !== undefined;
  if (operator === 'not_exists') return value === undefined;
  const among = value !== undefined && values.includes(value);
  return operator === 'in' ? among : !among;
}

/**
 * The key of a requirement about a value that is there and not known, such as a withheld one: nobody can tell whether it holds.
 * Null where every requirement can be judged.
 */
export function hiddenFrom(
  requirements: readonly LabelRequirement[],
  labels: Readonly<Record<string, string>>,
): string | null {
  const known = new Map(Object.entries(labels));
  const isHidden = ({ key, operator }: LabelRequirement): boolean =>
    (operator === 'in' || operator === 'not_in') && !valuePattern.test(known.get(key) ?? '');
  return requirements.find(isHidden)?.key ?? null;
}

/** Whether labels meet every requirement. As in Kubernetes, `!=` and `notin` also take what has no such label. */
export function selects(requirements: readonly LabelRequirement[], labels: Readonly<Record<string, string>>): boolean {
  // Labels were read elsewhere: `constructor` is a key like any other.
  const known = new Map(Object.entries(labels));
  return requirements.every((requirement) => holds(requirement, known));
}
