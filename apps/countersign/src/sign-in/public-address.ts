import { isIP } from 'node:net';
import type { RelyingParty } from '@countersign/engine';
import { CodedError } from '@countersign/protocol';

/** What the configuration says of where browsers find this server. */
export interface PublicAddressSettings {
  readonly publicUrl: string | null;
  readonly passkeyDomain: string | null;
  readonly passkeyOrigins: readonly string[];
}

const loopback: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', '0.0.0.0', '[::]']);

/** Where browsers find this server: as configured, or where it listens. */
export class PublicAddress {
  readonly #settings: PublicAddressSettings;
  #listening: string | null = null;
  constructor(settings: PublicAddressSettings) {
    this.#settings = settings;
  }

  /** Notes where the server listens. A loopback address is called `localhost`: browsers trust it, and a passkey wants a name. */
  listensAt(url: string): void {
    const at = new URL(url);
    if (loopback.has(at.hostname)) at.hostname = 'localhost';
    this.#listening = at.origin;
  }

  get url(): string {
    const url = this.#settings.publicUrl ?? this.#listening;
    if (url === null) throw new CodedError('E_INTERNAL', 'the server does not listen yet');
    return url;
  }

  /** Null where the address has no domain. */
  get relyingParty(): RelyingParty | null {
    const { hostname, origin } = new URL(this.url);
    const id = this.#settings.passkeyDomain ?? hostname;
    if (isIP(id.replaceAll(/[[\]]/g, '')) !== 0) return null;
    return { id, name: 'Countersign', origins: [origin, ...this.#settings.passkeyOrigins] };
  }
}
