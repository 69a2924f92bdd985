import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  boundHasher,
  type IdentityProvider,
  LimitNotes,
  type PasswordHasher,
  SessionUses,
  type SignIn,
} from '@countersign/engine';
import type { Clock } from '@countersign/kernel';
import type { Outbound } from '../compose/outbound.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { OidcEntry } from '../config/sign-in-config.ts';
import { argon2Hasher } from './argon2-hasher.ts';
import { openHostCodes } from './host-codes.ts';
import { oidcProvider } from './oidc-provider.ts';
import { PublicAddress } from './public-address.ts';
import { webauthnVerifier } from './webauthn-verifier.ts';

/** Two cores are kept busy by two hashes; who waits beyond a hundred waits for seconds. */
const hashBounds = { atOnce: 2, waiting: 100 };
const minuteMs = 60_000;
const hourMs = 3_600_000;

/** What signing in needs of its server. */
export interface SignInHost {
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly outbound: Outbound;
  /** argon2id when left out; a test may count. */
  readonly hasher?: PasswordHasher | undefined;
}

function secretOf(loaded: LoadedConfig, entry: OidcEntry, index: number, host: SignInHost): string | null {
  const { client_secret_env: variable, client_secret_file: path } = entry;
  if (variable === undefined && path === undefined) return null;
  const field = variable === undefined ? 'client_secret_file' : 'client_secret_env';
  const problem = (expected: string) => loaded.problemAt(['sign_in', 'oidc', index, field], expected);
  let secret: string;
  try {
    const file = resolve(dirname(loaded.file), path ?? '');
    secret = variable === undefined ? readFileSync(file, 'utf8').trim() : (host.env[variable] ?? '');
  } catch {
    throw problem('expected a file that can be read');
  }
  if (secret === '') throw problem('expected a secret there; it is empty');
  return secret;
}

function providerOf(loaded: LoadedConfig, entry: OidcEntry, index: number, host: SignInHost): IdentityProvider {
  const origins = [new URL(entry.issuer).origin, ...entry.endpoint_origins];
  return oidcProvider(
    {
      name: entry.name,
      label: entry.label ?? entry.name,
      issuer: entry.issuer,
      clientId: entry.client_id,
      clientSecret: secretOf(loaded, entry, index, host),
      scopes: entry.scopes,
      nameClaim: entry.name_claim,
      groupsClaim: entry.groups_claim,
      mapping: entry.groups.map(({ group, grants, approver_groups: groups }) => ({ group, grants, groups })),
    },
    host.outbound({ origins, timeoutMs: 10_000 }),
  );
}

/** Everything by which people sign in, as configured; the address is told once the server listens. */
export function openSignIn(loaded: LoadedConfig, host: SignInHost): { signIn: SignIn; address: PublicAddress } {
  const { sign_in: settings } = loaded.config;
  const address = new PublicAddress({
    publicUrl: settings.public_url ?? null,
    passkeyDomain: settings.passkey_domain ?? null,
    passkeyOrigins: settings.passkey_origins,
  });
  const signIn: SignIn = {
    settings: {
      get publicUrl() {
        return address.url;
      },
      get relyingParty() {
        return address.relyingParty;
      },
      idleMs: settings.session_idle_minutes * minuteMs,
      sessionMs: settings.session_hours * hourMs,
      inviteMs: settings.invite_hours * hourMs,
    },
    passwords: boundHasher(host.hasher ?? argon2Hasher, hashBounds),
    passkeys: webauthnVerifier,
    providers: settings.oidc.map((entry, index) => providerOf(loaded, entry, index, host)),
    hostCodes: openHostCodes(host.dataDir, host.clock),
    uses: new SessionUses(),
    limited: new LimitNotes(),
  };
  return { signIn, address };
}
