import { CodedError, uuidOfOperationRef } from '@countersign/protocol';

/** The operation behind any of its spellings; the schema let nothing else through. */
export function operationId(ref: string): string {
  return uuidOfOperationRef(ref) ?? ref;
}

/** Where an approved id is asked, a draft's is refused without a look-up. */
export function refuseDraft(ref: string, field: string): void {
  if (!ref.startsWith('d_')) return;
  throw new CodedError('E_NOT_APPROVED', 'a draft id cannot be run', {
    field,
    next: 'approve it first, then use its approved id a_<ulid> or its UUID',
  });
}
