/** How often something may be tried within a time. */
interface Budget {
  readonly most: number;
  readonly perMs: number;
}
/** What became of a try. */
export interface AttemptAnswer {
  readonly allowed: boolean;
  readonly retryAfterMs: number;
}
/** Counts tries by a key; the port that a shared counter can stand behind. */
export interface AttemptCounter {
  take(key: string, budget: Budget): Promise<AttemptAnswer>;
}

/** Who tries what, as far as it is known before anything is computed. */
export interface Attempt {
  readonly address: string;
  /** The account's name as it was typed, or an invite's id. */
  readonly account: string;
  /** Whether that person has signed in from this address before. */
  readonly knownAddress: boolean;
}

const windowMs = 5 * 60_000;
const budgets = {
  /** One address, whomever it tries. */
  address: { most: 30, perMs: windowMs },
  /** One address at one account. */
  pair: { most: 10, perMs: windowMs },
  /** One account from all addresses that its person never signed in from. */
  strangers: { most: 60, perMs: windowMs },
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

/**
 * Lets tries at passwords and links through before anything costly is computed. The narrowest budget comes first, so that an address
 * that spent its own takes nothing from what the account has for everybody; and addresses that a person has signed in from
 * have budgets of their own, so that strangers lock nobody out.
 */
export class AttemptLimits {
  readonly #counter: AttemptCounter;
  constructor(counter: AttemptCounter) {
    this.#counter = counter;
  }

  async admit({ address, account, knownAddress }: Attempt): Promise<AttemptAnswer> {
    const from = addressKey(address);
    const who = account.toLowerCase();
    const asked: [string, Budget][] = [
      [`pair:${from}:${who}`, budgets.pair],
      [`address:${from}`, budgets.address],
    ];
    if (!knownAddress) asked.push([`strangers:${who}`, budgets.strangers]);
    for (const [key, budget] of asked) {
      const answer = await this.#counter.take(`sign-in:${key}`, budget);
      if (!answer.allowed) return answer;
    }
    return { allowed: true, retryAfterMs: 0 };
  }
}
