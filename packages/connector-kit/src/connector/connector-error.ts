import { CodedError, type ErrorCode, type RefusalDetail } from '@countersign/protocol';

export type ConnectorErrorCode = Extract<
  ErrorCode,
  | 'E_TARGET_UNREACHABLE'
  | 'E_TARGET_REFUSED'
  | 'E_TARGET_MISSING'
  | 'E_PLAN_STALE'
  | 'E_VALIDATION'
  | 'E_TIMEOUT'
  | 'E_CANCELLED'
  | 'E_VERIFY'
  | 'E_INTERNAL'
>;

/** A typed failure of a connector. `effect: 'none'` promises that the target was not changed; `'maybe'` forces a reconcile. */
export class ConnectorError extends CodedError {
  readonly effect: 'none' | 'maybe';
  constructor(
    code: ConnectorErrorCode,
    message: string,
    options: { effect?: 'none' | 'maybe'; detail?: RefusalDetail; cause?: unknown } = {},
  ) {
    super(code, message, options.detail ?? {}, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ConnectorError';
    this.effect = options.effect ?? 'maybe';
  }
}
