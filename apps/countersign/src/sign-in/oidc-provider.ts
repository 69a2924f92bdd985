import type { ExternalProfile, GroupMapping, IdentityProvider } from '@countersign/engine';
import type { OutboundFetch } from '@countersign/outbound';
import { CodedError } from '@countersign/protocol';
import type { Configuration, CustomFetchOptions, IDToken } from 'openid-client';
import { z } from 'zod';

/** One provider, as configured. */
export interface OidcSettings {
  readonly name: string;
  readonly label: string;
  readonly issuer: string;
  readonly clientId: string;
  /** Null for a client that proves itself by PKCE alone. */
  readonly clientSecret: string | null;
  readonly scopes: readonly string[];
  readonly nameClaim: string;
  readonly groupsClaim: string;
  readonly mapping: readonly GroupMapping[];
}

const Claims = z.record(z.string(), z.unknown());
const Text = z.string().min(1);
const Groups = z.union([z.array(z.string()), z.string().transform((group) => [group])]);
const longestWhy = 300;

/** Why a provider's answer was not taken, without what the answer held. */
function whyOf(error: unknown): string {
  const parts: string[] = [];
  for (let each = error; each instanceof Error && parts.length < 4; each = each.cause) {
    parts.push(each.message);
    // What OAuth calls it, such as `invalid_grant`.
    if ('error' in each && typeof each.error === 'string') parts.push(each.error);
  }
  return parts.join(': ').slice(0, longestWhy) || 'unreadable';
}

/** The claims that matter; what the ID token leaves out is asked at the userinfo endpoint. */
async function profileOf(
  settings: OidcSettings,
  client: Configuration,
  token: IDToken,
  accessToken: string,
): Promise<ExternalProfile> {
  const { fetchUserInfo } = await import('openid-client');
  const { nameClaim, groupsClaim } = settings;
  const claims = Claims.parse(token);
  const lacks = claims[nameClaim] === undefined || (settings.mapping.length > 0 && claims[groupsClaim] === undefined);
  const asked = lacks && client.serverMetadata().userinfo_endpoint !== undefined;
  const more = asked ? await fetchUserInfo(client, accessToken, token.sub) : {};
  const all = { ...Claims.parse(more), ...claims };
  const name = Text.safeParse(all[nameClaim]);
  const groups = Groups.safeParse(all[groupsClaim]);
  return {
    issuer: token.iss,
    subject: token.sub,
    name: name.success ? name.data : null,
    groups: groups.success ? groups.data : [],
  };
}

/** Discovers a provider once it is asked for; what fails is tried again the next time. */
class Discovered {
  readonly #settings: OidcSettings;
  readonly #fetch: OutboundFetch;
  #client: Promise<Configuration> | null = null;
  constructor(settings: OidcSettings, fetch: OutboundFetch) {
    this.#settings = settings;
    this.#fetch = fetch;
  }

  async client(): Promise<Configuration> {
    this.#client ??= this.#discover();
    try {
      return await this.#client;
    } catch (error) {
      this.#client = null;
      throw error;
    }
  }

  async #discover(): Promise<Configuration> {
    const client = await import('openid-client');
    const { ClientSecretBasic, customFetch, discovery, None } = client;
    const { issuer, clientId, clientSecret } = this.#settings;
    const auth = clientSecret === null ? None() : ClientSecretBasic(clientSecret);
    // Plain http leaves only to what the configuration allows: the guard sees to that.
    const plain = new URL(issuer).protocol === 'http:' ? [client.allowInsecureRequests] : [];
    return await discovery(new URL(issuer), clientId, undefined, auth, {
      // The signature of an ID token is checked too, though it comes straight from the provider.
      execute: [client.enableNonRepudiationChecks, ...plain],
      [customFetch]: (url: string, options: CustomFetchOptions) => this.#fetch(url, options),
    });
  }
}

/** An OpenID provider by openid-client: authorization code with PKCE, state and nonce. All it calls goes through the guard. */
export function oidcProvider(settings: OidcSettings, fetch: OutboundFetch): IdentityProvider {
  const discovered = new Discovered(settings, fetch);
  const { name, label, mapping } = settings;
  return {
    name,
    label,
    mapping,
    async begin({ state, nonce, verifier }, redirectUri) {
      const { buildAuthorizationUrl, calculatePKCECodeChallenge } = await import('openid-client');
      try {
        const client = await discovered.client();
        return buildAuthorizationUrl(client, {
          redirect_uri: redirectUri,
          scope: settings.scopes.join(' '),
          code_challenge: await calculatePKCECodeChallenge(verifier),
          code_challenge_method: 'S256',
          state,
          nonce,
        }).href;
      } catch (cause) {
        const detail = {
          provider: name,
          why: whyOf(cause),
          next: 'look at issuer and outbound.allow in countersign.yaml',
        };
        throw new CodedError('E_PROVIDER', `${label} cannot be reached`, detail, { cause });
      }
    },
    async finish({ state, nonce, verifier }, currentUrl) {
      const { authorizationCodeGrant } = await import('openid-client');
      try {
        const client = await discovered.client();
        const tokens = await authorizationCodeGrant(client, new URL(currentUrl), {
          pkceCodeVerifier: verifier,
          expectedState: state,
          expectedNonce: nonce,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (claims === undefined) return { ok: false, why: 'there is no ID token' };
        return { ok: true, profile: await profileOf(settings, client, claims, tokens.access_token) };
      } catch (error) {
        return { ok: false, why: whyOf(error) };
      }
    },
  };
}
