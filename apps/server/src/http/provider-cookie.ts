/** Name of the cookie by which a browser is known again that went to a provider. */
const providerCookie = '__Host-countersign-provider';

/** The `Set-Cookie` for the way to a provider and back. Lax: the way back begins at another site. */
export function providerCookieText(value: string, maxAgeMs: number): string {
  return `${providerCookie}=${value}; Path=/; Max-Age=${Math.floor(maxAgeMs / 1000)}; Secure; HttpOnly; SameSite=Lax`;
}

/** The cookie of a request; null without one. */
export function providerCookieOf(header: string | undefined): string | null {
  const [, value = null] = new RegExp(`(?:^|; *)${providerCookie}=([A-Za-z0-9_-]+)`).exec(header ?? '') ?? [];
  return value;
}
