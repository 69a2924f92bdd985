import { approvedList } from '../bridge/approved-content.ts';
import type { Bridge } from '../bridge/bridge.ts';
import { asProtocolError } from '../bridge/upstream-error.ts';

/** Ids of what was approved that begin with a text: nothing for the beginning of a draft's id. */
export async function completeApprovedId(bridge: Bridge, begun: string): Promise<string[]> {
  try {
    return (await approvedList(bridge)).map(({ id }) => id).filter((id) => id.startsWith(begun));
  } catch (error) {
    throw asProtocolError(error);
  }
}
