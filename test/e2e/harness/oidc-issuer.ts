import { createServer } from 'node:http';
import type { JsonObject } from '@countersign/protocol';
import { freePort } from '@countersign/testing';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { Provider } from 'oidc-provider';

/** Who signs in at the provider, and what it says of them. */
export interface Account {
  readonly sub: string;
  readonly preferred_username: string;
  readonly groups: readonly string[];
}

/** What an ID token holds that the provider would have made. */
export type Claims = JsonObject;

/** A real OpenID provider on loopback. */
export interface Issuer extends AsyncDisposable {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Who signs in from now on. */
  account: Account;
  /** Rewrites the claims of ID tokens before they are signed again with `key`; null leaves the provider's own. */
  forge: ((claims: Claims) => Claims) | null;
  /** Signs forged tokens with a key that the provider does not publish. */
  foreignKey: boolean;
  /** Requests to the token endpoint. */
  readonly tokenRequests: () => number;
  /** Goes through the provider's pages as a browser would; answers the address that it sends the browser back to. */
  visit(authorizationUrl: string): Promise<string>;
}

const clientId = 'countersign';
const clientSecret = 'a client secret of the tests only';

async function signingKey(): Promise<JWK & { kid: string; alg: string }> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: 'provider-key', alg: 'RS256', use: 'sig' };
}

/** Follows redirects with a cookie jar until the browser would leave for another origin. */
async function browse(start: string, home: string): Promise<string> {
  const jar = new Map<string, string>();
  let url = start;
  for (let hop = 0; hop < 10; hop += 1) {
    if (new URL(url).origin !== home) return url;
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      jar.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null) throw new Error(`${response.status} at ${url}: ${await response.text()}`);
    url = new URL(location, url).href;
  }
  throw new Error('the provider goes round in circles');
}

/** Starts the provider; `redirectUris` are the callbacks that it knows. */
export async function startIssuer(redirectUris: readonly string[]): Promise<Issuer> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const jwk = await signingKey();
  const foreign = await signingKey();
  let tokenRequests = 0;
  const provider = new Provider(url, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [...redirectUris] }],
    jwks: { keys: [jwk] },
    cookies: { keys: ['of the tests'] },
    claims: { openid: ['sub'], profile: ['preferred_username', 'groups'] },
    scopes: ['openid', 'profile', 'email'],
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, sub) => ({ accountId: sub, claims: async () => ({ ...issuer.account, sub }) }),
    // Whoever signs in agrees to everything.
    async loadExistingGrant({ oidc }) {
      const grant = new provider.Grant({ clientId, accountId: oidc.session?.accountId ?? '' });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
  });
  provider.use(async (context, next) => {
    await next();
    if (context.path !== '/token') return;
    tokenRequests += 1;
    const { forge, foreignKey } = issuer;
    if (forge === null || typeof context.body?.id_token !== 'string') return;
    const [, payload = ''] = context.body.id_token.split('.');
    const claims: Claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    const token = await new SignJWT(forge(claims))
      .setProtectedHeader({ alg: 'RS256', kid: jwk.kid })
      .sign(foreignKey ? foreign : jwk);
    context.body = { ...context.body, id_token: token };
  });
  const callback = provider.callback();
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/interaction/') !== true) return void callback(request, response);
    void provider.interactionFinished(request, response, { login: { accountId: issuer.account.sub } });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const issuer: Issuer = {
    url,
    clientId,
    clientSecret,
    account: { sub: 'subject-1', preferred_username: 'zoe', groups: [] },
    forge: null,
    foreignKey: false,
    tokenRequests: () => tokenRequests,
    visit: (authorizationUrl) => browse(authorizationUrl, url),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return issuer;
}
