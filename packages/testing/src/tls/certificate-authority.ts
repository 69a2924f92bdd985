import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate with its private key, as PEM files. */
export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
}

/** An authority of a test's own. */
export interface CertificateAuthority {
  readonly caFile: string;
  /** Issues a certificate for servers (with its alternative names, such as `IP:127.0.0.1`) or for clients (without). */
  issue(name: string, alternativeNames?: readonly string[]): Certificate;
}

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Makes an authority whose files stand in `folder`. Needs openssl. */
export function makeCertificateAuthority(folder: string, name = 'authority'): CertificateAuthority {
  const [caFile, caKey] = [join(folder, `${name}.pem`), join(folder, `${name}-key.pem`)];
  openssl('req', '-x509', ...curve, '-days', '2', '-subj', `/CN=${name}`, '-keyout', caKey, '-out', caFile);
  return {
    caFile,
    issue: (subject, alternativeNames = []) => {
      const base = join(folder, `${name}-${subject}`);
      const [certFile, keyFile, request, extensions] = [`${base}.pem`, `${base}-key.pem`, `${base}.csr`, `${base}.ext`];
      openssl('req', '-new', ...curve, '-subj', `/CN=${subject}`, '-keyout', keyFile, '-out', request);
      writeFileSync(
        extensions,
        alternativeNames.length === 0
          ? 'extendedKeyUsage=clientAuth\n'
          : `extendedKeyUsage=serverAuth\nsubjectAltName=${alternativeNames.join(',')}\n`,
      );
      const signed = ['-CA', caFile, '-CAkey', caKey, '-CAcreateserial', '-days', '2', '-extfile', extensions];
      openssl('x509', '-req', '-in', request, ...signed, '-out', certFile);
      return { certFile, keyFile };
    },
  };
}
