/** Every error code the product answers with. Codes are permanent; `http` and `exit` are their one mapping per face. */
export const errorCodes = {
  E_VALIDATION: { http: 422, exit: 2, summary: 'The request does not fit its schema.' },
  E_BAD_REQUEST: { http: 400, exit: 2, summary: 'The request could not be read.' },
  E_BODY_TOO_LARGE: { http: 413, exit: 2, summary: 'The request body is larger than allowed.' },
  E_MEDIA_TYPE: { http: 415, exit: 2, summary: 'The request body has a media type that is not served here.' },
  E_NOT_FOUND: { http: 404, exit: 1, summary: 'There is nothing here that you may see under that name.' },
  E_METHOD_NOT_ALLOWED: { http: 405, exit: 2, summary: 'That method is not served at this address.' },
  E_AUTH_REQUIRED: { http: 401, exit: 3, summary: 'A bearer token is needed.' },
  E_AUTH_INVALID: { http: 401, exit: 3, summary: 'The token is unknown, revoked or expired.' },
  E_AUTH_FORBIDDEN: { http: 403, exit: 3, summary: 'This principal may not do that.' },
  E_POLICY_DENIED: { http: 403, exit: 3, summary: 'Policy denies this.' },
  E_APPROVAL_REQUIRED: { http: 409, exit: 5, summary: 'The operation waits for a confirmation or an approval.' },
  E_NOT_APPROVED: { http: 403, exit: 3, summary: 'A draft id stands where an approved id is asked.' },
  E_APPROVAL_NOT_ALLOWED: { http: 403, exit: 3, summary: 'This principal may not decide this operation.' },
  E_ALREADY_DECIDED: { http: 409, exit: 1, summary: 'The operation was decided already.' },
  E_DIGEST_MISMATCH: { http: 409, exit: 4, summary: 'The digest is not that of the current plan.' },
  E_PLAN_NOT_SHOWN: { http: 409, exit: 4, summary: 'The plan was never shown to this principal.' },
  E_PLAN_STALE: { http: 409, exit: 4, summary: 'The target is no longer in the state that was approved.' },
  E_CHECKS_FAILED: { http: 409, exit: 1, summary: 'A failing check blocks the run.' },
  E_STATE: { http: 409, exit: 1, summary: 'The operation is not in a state that allows this.' },
  E_REVISION: { http: 409, exit: 4, summary: 'The operation was changed by somebody else meanwhile.' },
  E_IDEMPOTENCY_CONFLICT: { http: 422, exit: 2, summary: 'The request id was used with another body.' },
  E_TARGET_AMBIGUOUS: { http: 422, exit: 2, summary: 'More than one target fits.' },
  E_TARGET_UNKNOWN: { http: 422, exit: 2, summary: 'No target fits.' },
  E_TARGET_BUSY: { http: 409, exit: 1, summary: 'Another run holds the target.' },
  E_TARGET_UNREACHABLE: { http: 502, exit: 1, summary: 'The target does not answer.' },
  E_TARGET_REFUSED: { http: 502, exit: 1, summary: 'The target refused the change.' },
  E_TARGET_MISSING: { http: 422, exit: 1, summary: 'The resource does not exist at the target.' },
  E_ACTION_UNKNOWN: { http: 422, exit: 2, summary: 'There is no such action.' },
  E_CAPABILITY_DISABLED: { http: 501, exit: 1, summary: 'This capability is not enabled here.' },
  E_WORKER_UNAVAILABLE: { http: 503, exit: 1, summary: 'No worker serves this target now.' },
  E_RATE_LIMITED: { http: 429, exit: 1, summary: 'More was asked than this principal may have at once.' },
  E_LEASE_LOST: { http: 409, exit: 1, summary: 'The work was given to another worker.' },
  E_PANIC: { http: 503, exit: 3, summary: 'Panic mode is on: nothing may start.' },
  E_TIMEOUT: { http: 504, exit: 1, summary: 'The action ran into its time limit.' },
  E_CANCELLED: { http: 409, exit: 1, summary: 'The run was cancelled.' },
  E_OUTCOME_UNKNOWN: { http: 409, exit: 1, summary: 'It is not known whether the change was made.' },
  E_VERIFY: { http: 500, exit: 1, summary: 'The target does not show the change after it was made.' },
  E_STORE: { http: 503, exit: 1, summary: 'The database cannot take the change now.' },
  E_CONFIG: { http: 500, exit: 2, summary: 'The configuration is not valid.' },
  E_INTERNAL: { http: 500, exit: 1, summary: 'Something failed inside.' },
} as const satisfies Record<string, { http: number; exit: number; summary: string }>;

export type ErrorCode = keyof typeof errorCodes;
/** Whether a text is a registered code. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code);
}
