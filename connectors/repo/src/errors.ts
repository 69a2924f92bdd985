import { ConnectorError } from '@countersign/connector-kit';

/** The folder is gone or is no repository. */
export function unreachable(why: string, cause?: unknown): ConnectorError {
  return new ConnectorError('E_TARGET_UNREACHABLE', why, { effect: 'none', cause });
}

/** Something that was asked for does not exist in the repository. */
export function missing(what: string, next?: string): ConnectorError {
  return new ConnectorError('E_TARGET_MISSING', what, { effect: 'none', detail: next === undefined ? {} : { next } });
}

/** The repository does not give or take this. */
export function refused(why: string): ConnectorError {
  return new ConnectorError('E_TARGET_REFUSED', why, { effect: 'none' });
}

/** The repository is no longer in the state that was planned for. */
export function stale(why: string): ConnectorError {
  return new ConnectorError('E_PLAN_STALE', why, { effect: 'none', detail: { next: 'plan again' } });
}

/** The branch may have moved and nobody could see whether it did. */
export function unsettled(cause: ConnectorError): ConnectorError {
  const code = cause.code === 'E_TIMEOUT' ? 'E_TIMEOUT' : 'E_TARGET_UNREACHABLE';
  return new ConnectorError(code, cause.message, { effect: 'maybe', detail: cause.detail, cause });
}

/** The repository does not show the change. */
export function notVerified(why: string): ConnectorError {
  return new ConnectorError('E_VERIFY', why, { effect: 'maybe' });
}

/** What a failed git command means. Only git's own first line is kept: it holds names, never file contents. */
export function gitFailure(what: string, code: number | null, stderr: string): ConnectorError {
  const line = stderr.split('\n').find((each) => each !== '') ?? `exit code ${code}`;
  const detail = { git: line.slice(0, 500) };
  const gone = /not a git repository|cannot change to|dubious ownership/.test(stderr);
  return new ConnectorError(gone ? 'E_TARGET_UNREACHABLE' : 'E_TARGET_REFUSED', `git could not ${what}`, {
    effect: 'none',
    detail,
  });
}
