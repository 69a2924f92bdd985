import { randomBytes } from 'node:crypto';

/** Secrets that the server hands out, by the prefix under which secret scanners know them. */
type SecretPrefix = 'css' | 'csi' | 'csh' | 'csw';

/** 256 random bits: `css_` a session, `csi_` an invite, `csh_` a code on the host, `csw_` an enrolment. */
export function newSecretText(prefix: SecretPrefix): string {
  return `${prefix}_${randomBytes(32).toString('base64url')}`;
}
