/** How often a token was used from one place on one day. */
export interface TokenUse {
  readonly tokenId: string;
  /** Days since the epoch, UTC. */
  readonly day: number;
  readonly address: string;
  readonly uses: number;
  /** Epoch milliseconds. */
  readonly firstAt: number;
  readonly lastAt: number;
}

export interface TokenUseReads {
  /** Whether the token was used before, and whether from this place. */
  seen(tokenId: string, address: string): Promise<{ readonly ever: boolean; readonly here: boolean }>;
  /** From how many places the token was used on a day. */
  places(tokenId: string, day: number): Promise<number>;
}
export interface TokenUseWrites extends TokenUseReads {
  /** Adds to what stands for that token, day and place. */
  add(use: TokenUse): Promise<void>;
  /** Uses of days before `day` that nobody has told of, of up to `tokens` tokens; they count as told from here on. */
  takeUntold(day: number, tokens: number): Promise<TokenUse[]>;
  /** Forgets what is older; answers how much. */
  forget(beforeDay: number): Promise<number>;
}
