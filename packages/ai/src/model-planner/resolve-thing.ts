import type { InventoryItem, PlanPromptRequest, Resolution } from '@countersign/kernel';
import type { Sentence } from './said.ts';

/** How a named thing was read, or what may have been meant. */
export type ThingReading =
  | { readonly ok: true; readonly resolution: Omit<Resolution, 'field'> }
  | { readonly ok: false; readonly maybe: readonly InventoryItem[] };

function words(sentence: Sentence, { name, aliases }: InventoryItem): string[] {
  return [...new Set([name, ...aliases].flatMap((each) => sentence.wordsOf(each)))];
}

/** Those whose names share most words with the sentence, if any do. */
function nearest(sentence: Sentence, items: readonly InventoryItem[]): InventoryItem[] {
  let most = 1;
  let near: InventoryItem[] = [];
  for (const item of items) {
    const shared = words(sentence, item).length;
    if (shared > most) near = [];
    if (shared < most) continue;
    most = shared;
    near.push(item);
  }
  return near;
}

/**
 * Whether a value that a model took is a thing that is there and that the sentence means. A name read from a system is tainted:
 * it must be in the inventory exactly, and the sentence must have it as a whole, by an alias, by more of its words than any other
 * thing of that kind there, or be about the only one there is. Where not all that is there was read, the last two say nothing.
 */
export function resolveThing(
  sentence: Sentence,
  value: string,
  entity: string,
  target: string,
  { inventory, unread }: Pick<PlanPromptRequest, 'inventory' | 'unread'>,
): ThingReading {
  const there = inventory.filter((item) => item.entity === entity && item.target === target);
  const item = there.find(({ name, aliases }) => name === value || aliases.includes(value));
  const named = there.filter((each) => sentence.says(each.name));
  if (item === undefined) return { ok: false, maybe: named.length > 0 ? named : nearest(sentence, there) };
  const resolved = (said: string, by: Resolution['by']): ThingReading => ({
    ok: true,
    resolution: { said, meant: item.name, by },
  });
  if (named.includes(item)) return resolved(item.name, 'exact');
  if (named.length > 0) return { ok: false, maybe: named };
  const alias = item.aliases.find((each) => sentence.says(each));
  if (alias !== undefined) return resolved(alias, 'alias');
  const near = nearest(sentence, there);
  if (unread.some((each) => each.target === target)) return { ok: false, maybe: near };
  if (near.length === 1 && near[0] === item) return resolved(words(sentence, item).join(' '), 'near');
  if (near.length === 0 && there.length === 1) return resolved('', 'only');
  return { ok: false, maybe: near };
}
