import { ConnectorError } from '@countersign/connector-kit';
import { z } from 'zod';

const Failure = z.object({ code: z.string().optional(), level: z.string().optional(), message: z.string() });

const byCode: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there: is sshd running, and is `port` its port?',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'its name cannot be looked up now',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  ETIMEDOUT: 'it does not answer',
};

const byLevel: Readonly<Record<string, string>> = {
  'client-authentication': 'it does not accept this key for this account',
  'client-timeout': 'it did not let us in within 10 s',
};

function reason(cause: unknown): string {
  const { code = '', level = '', message = '' } = Failure.safeParse(cause).data ?? {};
  const known = byCode[code] ?? byLevel[level];
  if (known !== undefined) return known;
  return /no matching host key/i.test(message) ? 'it has no host key of a known type' : 'the connection broke';
}

/** E_TARGET_UNREACHABLE, without effect unless told: nothing was started yet. An empty `why` is told from the cause. */
export function unreachableBySsh(
  where: string,
  why: string,
  cause?: unknown,
  effect: 'none' | 'maybe' = 'none',
): ConnectorError {
  return new ConnectorError('E_TARGET_UNREACHABLE', `no SSH to ${where}: ${why === '' ? reason(cause) : why}`, {
    effect,
    ...(cause === undefined ? {} : { cause }),
  });
}
