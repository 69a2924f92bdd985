import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** What the server's options say, as far as an authenticator reads them. */
export interface CreationOptions {
  readonly challenge: string;
  readonly rp: { readonly id: string };
  readonly user: { readonly id: string };
}
export interface RequestOptions {
  readonly challenge: string;
  readonly rpId: string;
}

/** What a test may have the authenticator do wrong. */
export interface Misbehaviour {
  /** Origin that the browser would report. */
  readonly origin?: string;
  readonly challenge?: string;
  /** Whose authenticator data it makes. */
  readonly rpId?: string;
  /** Leaves out that its owner was verified. */
  readonly unverified?: boolean;
  /** Signs with another key. */
  readonly foreignKey?: boolean;
  readonly counter?: number;
  readonly userHandle?: string;
}

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
const sha256 = (bytes: string | Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

type Cbor = number | string | Uint8Array | Map<number | string, Cbor>;

function head(major: number, value: number): Buffer {
  if (value < 24) return Buffer.from([(major << 5) | value]);
  if (value < 256) return Buffer.from([(major << 5) | 24, value]);
  return Buffer.from([(major << 5) | 25, value >> 8, value & 255]);
}

/** CBOR of what a credential is made of (RFC 8949). */
function cbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, entry]) => [cbor(key), cbor(entry)])]);
}

function coseOf(publicKey: KeyObject): Buffer {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  return cbor(
    new Map<number, Cbor>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, Buffer.from(x, 'base64url')],
      [-3, Buffer.from(y, 'base64url')],
    ]),
  );
}

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** An authenticator in software that holds one ES256 passkey and makes real signatures, behind a browser at `origin`. */
export class SoftAuthenticator {
  readonly id = base64url(randomBytes(16));
  readonly #origin: string;
  readonly #keys = pair();
  #userHandle = '';
  #counter: number;

  /** A counter of 0 stays 0, as with passkeys that are synchronised. */
  constructor(origin: string, counter = 0) {
    this.#origin = origin;
    this.#counter = counter;
  }

  /** What `navigator.credentials.create` would answer, in JSON. */
  create(options: CreationOptions, wrong: Misbehaviour = {}) {
    this.#userHandle = options.user.id;
    const clientDataJSON = this.#clientData('webauthn.create', wrong.challenge ?? options.challenge, wrong);
    const credentialId = Buffer.from(this.id, 'base64url');
    const attested = Buffer.concat([
      Buffer.alloc(16),
      Buffer.from([0, credentialId.length]),
      credentialId,
      coseOf(this.#keys.publicKey),
    ]);
    const authData = Buffer.concat([this.#authData(wrong.rpId ?? options.rp.id, 0x40, wrong), attested]);
    const attestationObject = cbor(
      new Map<string, Cbor>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', authData],
      ]),
    );
    return {
      id: this.id,
      rawId: this.id,
      type: 'public-key' as const,
      response: {
        clientDataJSON: base64url(clientDataJSON),
        attestationObject: base64url(attestationObject),
        transports: ['internal'],
      },
      clientExtensionResults: {},
    };
  }

  /** What `navigator.credentials.get` would answer, in JSON. */
  get(options: RequestOptions, wrong: Misbehaviour = {}) {
    if (this.#counter > 0) this.#counter += 1;
    const clientDataJSON = this.#clientData('webauthn.get', wrong.challenge ?? options.challenge, wrong);
    const authenticatorData = this.#authData(wrong.rpId ?? options.rpId, 0, wrong);
    const signed = Buffer.concat([authenticatorData, sha256(clientDataJSON)]);
    const key = wrong.foreignKey === true ? pair().privateKey : this.#keys.privateKey;
    return {
      id: this.id,
      rawId: this.id,
      type: 'public-key' as const,
      response: {
        clientDataJSON: base64url(clientDataJSON),
        authenticatorData: base64url(authenticatorData),
        signature: base64url(sign('sha256', signed, key)),
        userHandle: wrong.userHandle ?? this.#userHandle,
      },
      clientExtensionResults: {},
    };
  }

  #clientData(type: string, challenge: string, { origin = this.#origin }: Misbehaviour): Buffer {
    return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  }

  #authData(rpId: string, flags: number, { unverified = false, counter = this.#counter }: Misbehaviour): Buffer {
    const rest = Buffer.alloc(5);
    // User present, user verified.
    rest.writeUInt8(flags | 0x01 | (unverified ? 0 : 0x04), 0);
    rest.writeUInt32BE(counter, 1);
    return Buffer.concat([sha256(rpId), rest]);
  }
}
