import type { Client } from '@countersign/client';
import { CodedError, type OperationView, Uuid } from '@countersign/protocol';

const shortestPrefix = 8;
const recent = 500;

/**
 * The full id of an operation: a full id as it is, or a prefix of at least 8 characters that fits exactly one of the
 * 500 newest. E_VALIDATION when it is too short or fits several, E_NOT_FOUND when it fits none.
 */
export async function findOperationId(client: Client, reference: string): Promise<string> {
  const wanted = reference.toLowerCase();
  if (Uuid.safeParse(wanted).success) return wanted;
  if (wanted.length < shortestPrefix || !/^[0-9a-f-]+$/.test(wanted)) {
    const next = 'give the full id or at least its first 8 characters; see `countersign ls`';
    throw new CodedError('E_VALIDATION', `"${reference}" is not an operation id`, { field: 'op', next });
  }
  const { operations } = await client.call('opsList', { query: { limit: recent } });
  const fitting = operations.filter(({ op_id: id }) => id.startsWith(wanted)).map(({ op_id: id }) => id);
  const [only] = fitting;
  if (only === undefined) {
    throw new CodedError('E_NOT_FOUND', `no recent operation begins with "${reference}"`, { next: 'countersign ls' });
  }
  if (fitting.length > 1) {
    const next = 'give more characters: ids of one moment begin alike';
    throw new CodedError('E_VALIDATION', `${fitting.length} operations begin with "${reference}"`, {
      field: 'op',
      choices: fitting,
      next,
    });
  }
  return only;
}

/** The operation that a reference means; its plan then counts as shown to the caller, so show it. */
export async function findOperation(client: Client, reference: string): Promise<OperationView> {
  return client.call('opsGet', { params: { op_id: await findOperationId(client, reference) } });
}
