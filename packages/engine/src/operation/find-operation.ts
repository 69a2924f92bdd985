import { type Refusal, refuse } from '@countersign/protocol';

/** The one answer for what is missing and for what may not be seen. */
export function notFound(opId: string): Refusal {
  return refuse('E_NOT_FOUND', `there is no operation ${opId} that you may see`, { next: 'see `countersign ls`' });
}
