import type { Budget, RateLimiter } from '@countersign/kernel';

/** What became of a try. */
export interface AttemptAnswer {
  readonly allowed: boolean;
  readonly retryAfterMs: number;
}

/** Who tries what, as far as it is known before anything is computed. */
export type Attempt =
  | {
      /** A password that could be guessed. */
      readonly kind: 'password';
      readonly address: string;
      /** The name as it was typed. */
      readonly account: string;
      /** Whether that person has signed in from this address before. */
      readonly knownAddress: boolean;
    }
  /** A secret that nobody guesses: a link, a passkey, the way back from a provider. The limit is for what it costs. */
  | { readonly kind: 'secret'; readonly address: string }
  /** A proof by somebody who is known already. */
  | { readonly kind: 'proof'; readonly principal: string };

const windowMs = 5 * 60_000;
const budgets = {
  /** One address, whomever it tries. */
  address: { name: 'sign-ins of an address', quota: 30, windowMs },
  /** One address at one account. */
  pair: { name: 'sign-ins of an address at an account', quota: 10, windowMs },
  /** One account from all addresses that its person never signed in from. */
  strangers: { name: 'sign-ins at an account', quota: 60, windowMs },
  secret: { name: 'secrets of an address', quota: 120, windowMs },
  proof: { name: 'proofs of a person', quota: 10, windowMs },
} as const satisfies Record<string, Budget>;

/** An IPv6 network counts as one address: whoever has one has 2^64 of them. */
export function addressKey(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('%')[0]?.toLowerCase().split('::') ?? [];
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length);
  const groups = [...front, ...Array.from({ length: zeros }, () => '0'), ...back];
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}

function budgetsOf(attempt: Attempt): [string, Budget][] {
  if (attempt.kind === 'proof') return [[`proof:${attempt.principal}`, budgets.proof]];
  const from = addressKey(attempt.address);
  if (attempt.kind === 'secret') return [[`secret:${from}`, budgets.secret]];
  const who = attempt.account.toLowerCase();
  const narrow: [string, Budget][] = [
    [`pair:${from}:${who}`, budgets.pair],
    [`address:${from}`, budgets.address],
  ];
  return attempt.knownAddress ? narrow : [...narrow, [`strangers:${who}`, budgets.strangers]];
}

/**
 * Lets tries through before anything costly is computed. The narrowest budget comes first, so that an address that spent its own
 * takes nothing from what the account has for everybody; and addresses that a person has signed in from have budgets of their
 * own, so that strangers lock nobody out.
 */
export async function admitAttempt(limiter: RateLimiter, attempt: Attempt): Promise<AttemptAnswer> {
  for (const [key, budget] of budgetsOf(attempt)) {
    const { allowed, retryAfterMs } = await limiter.take(`sign-in ${key}`, [budget]);
    if (!allowed) return { allowed, retryAfterMs };
  }
  return { allowed: true, retryAfterMs: 0 };
}
