/** A one-time token that a person got with the plan they are to confirm. Only the SHA-256 of its text is kept. */
export interface Confirmation {
  readonly hash: string;
  readonly operationId: string;
  readonly principal: string;
  readonly kind: 'confirm';
  readonly digest: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}
export interface ConfirmationReads {
  /** How many could still be used. */
  countUnused(operationId: string, now: number): Promise<number>;
}
export interface ConfirmationWrites extends ConfirmationReads {
  insert(confirmation: Confirmation): Promise<void>;
  /** Spends a token, once: false when it is unknown, spent, expired, or was given for anything else. */
  redeem(
    use: Pick<Confirmation, 'hash' | 'operationId' | 'principal' | 'kind' | 'digest'>,
    now: number,
  ): Promise<boolean>;
  /** Takes those that expired before a moment. */
  removeExpired(before: number): Promise<void>;
}
