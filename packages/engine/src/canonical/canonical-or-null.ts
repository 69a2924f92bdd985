/**
 * What is made from a stored value's canonical JSON, or null where there is none: a row that somebody wrote into the
 * database may hold text, as a lone surrogate, that the product would never have written.
 */
export function canonicalOrNull(make: () => string): string | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}
