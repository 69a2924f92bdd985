import { RequestId } from '@countersign/protocol';

/** The key that every tool takes which changes something: the protocol has no sessions, so a call may arrive twice. */
export const IdempotencyKey = RequestId.describe(
  'A text of your own making, new for each thing you want done. The same call with the same key is done once and answers the same; use it again when an answer was lost.',
);
