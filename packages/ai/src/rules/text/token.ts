/**
 * `word`: a run of letters, digits and what names and paths hold. `number`: a whole number. `quoted`: a text in quotes or a
 * fence. `pause`: a comma, a colon, or `and`-like word later on. `stop`: the end of a sentence, or a semicolon.
 * `symbol`: anything else, which no grammar reads.
 */
export type TokenKind = 'word' | 'number' | 'quoted' | 'pause' | 'stop' | 'symbol';

/** One piece of a prompt and where it stands, in UTF-16 units. */
export interface Token {
  readonly kind: TokenKind;
  /** As it was written; of a quoted text what stands between the quotes. */
  readonly text: string;
  readonly folded: string;
  readonly start: number;
  readonly end: number;
}
