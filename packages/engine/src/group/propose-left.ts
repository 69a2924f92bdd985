import { isDeepStrictEqual } from 'node:util';
import type { GroupMember, GroupRecord } from '@countersign/kernel';
import type { JsonObject, OperationView } from '@countersign/protocol';
import { holdsSealedMark } from '../secret/sealed-inputs.ts';

type Seen = Pick<OperationView, 'op_id' | 'steps'>;

/** One member that did not run: its target, and the value of the input that names it. */
interface Left {
  readonly target: string;
  readonly called: string;
}

/** One word of a command line, whatever is in it; fish reads a backslash between single quotes, so it stands in double ones. */
function quoted(word: string): string {
  if (/^[\w.@:/-]+$/.test(word)) return word;
  const pieces = word.split(/(['\\])/).filter((piece) => piece !== '');
  return pieces.map((piece) => (piece === "'" ? `"'"` : piece === '\\' ? '"\\\\"' : `'${piece}'`)).join('');
}

// What is shown with its hidden characters made visible is no longer what would be pasted.
const isTypeable = (text: string): boolean => !/\p{C}/u.test(text);
const isListable = (name: string): boolean => isTypeable(name) && !name.includes(',') && name.trim() === name;

/** The input that names each member, and the others, which all have alike; null where that cannot be told from what is seen. */
function inputsOf(
  group: GroupRecord,
  operations: readonly Seen[],
): { readonly field: string; readonly others: JsonObject } | null {
  const inputs = operations.map(({ steps }) => steps[0]?.inputs ?? {});
  const names = new Map(group.waves.flat().map(({ opId, name }) => [opId, name]));
  const [first = {}] = inputs;
  const keys = [...new Set(inputs.flatMap(Object.keys))];
  const naming = keys.filter(
    (key) =>
      operations.every(({ op_id }, index) => inputs[index]?.[key] === names.get(op_id)) ||
      inputs.some((each) => !isDeepStrictEqual(each[key], first[key])),
  );
  const [field] = naming;
  if (field === undefined || naming.length > 1) return null;
  const others = Object.fromEntries(Object.entries(first).filter(([key]) => key !== field));
  return holdsSealedMark(others) || !isTypeable(JSON.stringify(others)) ? null : { field, others };
}

/**
 * The commands that propose what a group left undone, one for each target, by the inputs of the action and from how things are
 * then. What no command line can say is told by its names.
 */
export function proposeLeft(
  group: GroupRecord,
  operations: readonly Seen[],
  notRun: readonly GroupMember[],
): readonly string[] {
  const inputs = inputsOf(group, operations);
  const left = notRun.map(({ opId, target, name }): Left => {
    const value = inputs && operations.find(({ op_id }) => op_id === opId)?.steps[0]?.inputs[inputs.field];
    return { target, called: typeof value === 'string' ? value : name };
  });
  return [...new Set(left.map(({ target }) => target))].flatMap((target) => {
    const names = left.filter((each) => each.target === target).map(({ called }) => called);
    const sayable = inputs === null ? [] : names.filter(isListable);
    const rest = names.filter((name) => !sayable.includes(name));
    const others = inputs?.others ?? {};
    const given = Object.keys(others).length === 0 ? '' : ` --inputs ${quoted(JSON.stringify(others))}`;
    const command = `countersign do ${group.action} --target ${target} --names ${sayable.map(quoted).join(',')}${given}`;
    return [
      ...(sayable.length === 0 ? [] : [command]),
      ...(rest.length === 0 ? [] : [`left on ${target}, to be proposed one by one: ${rest.map(quoted).join(' ')}`]),
    ];
  });
}
