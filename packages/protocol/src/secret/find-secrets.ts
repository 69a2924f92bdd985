/** Shapes of well-known credentials; the last group is the secret itself. */
const shapes: readonly RegExp[] = [
  /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----[\s\S]{16,8192}?-----END (?:[A-Z0-9]+ )*PRIVATE KEY-----/g,
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g,
  /\bgh[pousr]_[A-Za-z0-9]{36,255}\b/g,
  /\bgithub_pat_[A-Za-z0-9_]{60,255}\b/g,
  /\bglpat-[A-Za-z0-9_-]{20,64}\b/g,
  /\bxox[abprs]-[A-Za-z0-9-]{10,250}\b/g,
  /\bsk-[A-Za-z0-9_-]{20,200}\b/g,
  /\bAIza[0-9A-Za-z_-]{35}\b/g,
  /\bcsn_[A-Za-z0-9_-]{20,100}\b/g,
  /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/g,
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@'"]{1,128}:([^\s/@'"]{5,256})@/gi,
  /(?:password|passwd|secret|api[_-]?key|access[_-]?key|auth[_-]?token|private[_-]?key)["']?\s*[:=]\s*["']?([^\s"',;${}<>()[\]]{8,512})/gi,
];

/** Secrets that stand in a text, by the shape of known credentials. */
export function findSecrets(text: string): string[] {
  const found = new Set<string>();
  for (const shape of shapes) {
    for (const match of text.matchAll(shape)) found.add(match.at(-1) ?? match[0]);
  }
  return [...found];
}
