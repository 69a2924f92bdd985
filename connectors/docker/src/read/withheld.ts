/** What stands where a value may be a secret. */
export const withheld = '[withheld]';

/** Labels by tools that keep no secrets there; others do (basic-auth users of proxies, tokens). */
const plainLabel = /^(?:com\.docker\.(?:compose|stack|swarm)|org\.opencontainers\.image|countersign)\./;

/** Labels whose values are withheld unless a known tool wrote them. */
export function plainLabels(labels: unknown): Record<string, unknown> {
  if (typeof labels !== 'object' || labels === null) return {};
  return Object.fromEntries(
    Object.entries(labels).map(([key, value]) => [key, plainLabel.test(key) ? value : withheld]),
  );
}

/** `NAME=[withheld]` for each variable. */
export function plainVariables(variables: unknown): string[] {
  if (!Array.isArray(variables)) return [];
  return variables.map((entry) => `${String(entry).split('=', 1)[0] ?? ''}=${withheld}`);
}
