import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';

/** A certificate authority made for one test, and a certificate that it signed. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
  /** SHA-256 over the authority's public key, in base64, as Chromium's list of trusted keys wants it. */
  readonly authorityKeyHash: string;
}

const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Makes an authority and a certificate for these names and addresses, and 127.0.0.1. */
export function makeCertificates(folder: string, names: readonly string[]): Certificates {
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const subject = ['-subj', '/CN=Countersign test authority'];
  openssl('req', '-x509', ...curve, '-days', '2', ...subject, '-keyout', at('ca.key'), '-out', at('ca.pem'));
  openssl('req', ...curve, '-subj', `/CN=${names[0] ?? 'localhost'}`, '-keyout', at('server.key'), '-out', at('csr'));
  const alternatives = [...names.map((name) => (isIP(name) === 0 ? `DNS:${name}` : `IP:${name}`)), 'IP:127.0.0.1'].join(
    ',',
  );
  writeFileSync(at('extensions'), `subjectAltName=${alternatives}\nextendedKeyUsage=serverAuth\n`);
  const signing = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2'];
  openssl('x509', '-req', '-in', at('csr'), ...signing, '-extfile', at('extensions'), '-out', at('server.pem'));
  const publicKey = openssl('x509', '-in', at('ca.pem'), '-noout', '-pubkey');
  writeFileSync(at('ca.pub'), publicKey);
  const der = openssl('pkey', '-pubin', '-in', at('ca.pub'), '-outform', 'der');
  writeFileSync(at('ca.der'), der);
  const hash = openssl('dgst', '-sha256', '-binary', at('ca.der'));
  const ca = readFileSync(at('ca.pem'), 'utf8');
  // The whole chain, so that a browser sees the authority that it trusts.
  const cert = readFileSync(at('server.pem'), 'utf8') + ca;
  writeFileSync(at('chain.pem'), cert);
  return {
    ca,
    cert,
    key: readFileSync(at('server.key'), 'utf8'),
    certFile: at('chain.pem'),
    keyFile: at('server.key'),
    authorityKeyHash: hash.toString('base64'),
  };
}
