import type { Guard } from '../lexicon/lexicon.ts';

/** Why the rules planner refuses, by code. Codes are permanent. */
export const reasons = {
  hidden_text: 'What the sentence shows and what it holds may differ.',
  too_long: 'The sentence is too long to be read by rules.',
  negated: 'It says what shall not happen, or excepts something. Say only what shall be done.',
  everything:
    'It asks for everything at once. Each thing that changes is named by itself, so that the plan shows exactly what will happen.',
  conditional: 'It depends on a condition, and a plan runs as it stands. Look first, then ask for what shall be done.',
  scheduled: 'It asks for another time than now. Plans are made now and run when they are confirmed.',
  either: 'It leaves open which of several is meant. Say the one.',
  bypass:
    'Approving, confirming and going past checks is for people by themselves, never part of a sentence that asks for a change.',
  question: 'It is a question or a guess, not something to do.',
  unsupported: 'No action that you may use here does this.',
  out_of_scope: 'It asks for nothing that an action here can do.',
  unknown_name: 'A name in it is not known here.',
  not_understood: 'A part of it was not understood, and what is not understood is never left out.',
  unsafe_path: 'A path in it may not be used.',
  out_of_range: 'A value in it is not allowed.',
  nothing_allowed: 'There is no action that you may propose or read.',
  inventory_unread: 'What this target holds could not be read, so no name can be checked.',
} as const satisfies Record<string, string>;
export type RefusalCode = keyof typeof reasons;

/** The order in which guards count when several stand in a sentence. */
export const guardOrder: readonly Guard[] = [
  'bypass',
  'negated',
  'everything',
  'conditional',
  'question',
  'scheduled',
  'either',
];
