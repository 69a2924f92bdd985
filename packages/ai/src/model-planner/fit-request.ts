import type { InventoryItem, PlannerAction, PlanPromptRequest } from '@countersign/kernel';
import { orderActions } from '../rules/relevance/order-actions.ts';
import { Sentence } from './said.ts';

/** What of a request a model is told. */
export type Told = Pick<PlanPromptRequest, 'actions' | 'inventory'>;

/** Of more things a model is never told, whatever it may cost. */
const mostItems = 300;
/** Things that are told of before further actions are. */
const nearest = 20;

/** The longest beginning of a list that fits; `fits` holds for every shorter one than one for which it holds. */
function longestThatFits<Item>(list: readonly Item[], fits: (beginning: readonly Item[]) => boolean): readonly Item[] {
  if (fits(list)) return list;
  let [good, bad] = [0, list.length];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (fits(list.slice(0, middle))) good = middle;
    else bad = middle;
  }
  return list.slice(0, good);
}

/** Things that the sentence names, then those of whose names it has words, then the others. */
function orderItems({ prompt, inventory }: PlanPromptRequest): InventoryItem[] {
  const sentence = new Sentence(prompt);
  const ranked = inventory.map((item, index) => {
    const names = [item.name, ...item.aliases];
    const near = Math.max(...names.map((name) => sentence.wordsOf(name).length));
    return { item, rank: names.some((name) => sentence.says(name)) ? Number.MAX_SAFE_INTEGER : near, index };
  });
  return ranked.sort((a, b) => b.rank - a.rank || a.index - b.index).map(({ item }) => item);
}

/**
 * What of a request fits: all of it where there is room, else the actions and things that its sentence is most likely about.
 * At least one action is kept, whether it fits or not: who counts the tokens then says what is wrong.
 */
export function fitRequest(request: PlanPromptRequest, fits: (told: Told) => boolean): Told {
  const { actions, inventory } = request;
  const most = inventory.length > mostItems ? orderItems(request).slice(0, mostItems) : inventory;
  if (fits({ actions, inventory: most })) return { actions, inventory: most };
  const ordered = orderActions(request);
  const items = most === inventory ? orderItems(request) : most;
  const near = longestThatFits(items.slice(0, nearest), (some) =>
    fits({ actions: ordered.slice(0, 1), inventory: some }),
  );
  const found: readonly PlannerAction[] = longestThatFits(ordered, (some) => fits({ actions: some, inventory: near }));
  const kept = found.length === 0 ? ordered.slice(0, 1) : found;
  const told = longestThatFits(items, (some) => fits({ actions: kept, inventory: some }));
  // In the request's own order, in which actions and things stand by connector and target.
  return {
    actions: actions.filter((action) => kept.includes(action)),
    inventory: told.length < near.length ? near : told,
  };
}
