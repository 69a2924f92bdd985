function chainOf(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let each = error; each instanceof Error && chain.length < 8; each = each.cause) chain.push(each);
  return chain;
}

/** The body of an answer that an error of the SDK carries; empty where there is none. It is looked into and never repeated. */
export function bodyOf(error: unknown): string {
  for (const each of chainOf(error)) {
    if ('responseBody' in each && typeof each.responseBody === 'string') return each.responseBody.slice(0, 10_000);
  }
  return '';
}

const unreadable: ReadonlySet<string> = new Set([
  'AI_JSONParseError',
  'AI_TypeValidationError',
  'AI_InvalidResponseDataError',
  'AI_UnsupportedFunctionalityError',
]);

/** Whether an answer that began came to no end, rather than to one that is not of the protocol. */
export function brokeOff(error: unknown): boolean {
  return !chainOf(error).some(({ name }) => unreadable.has(name));
}
