/** Shapes of well-known credentials within one line; the last group is the secret itself. Repetitions are bounded: a target's text is not trusted to be short. */
const shapes: readonly RegExp[] = [
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g,
  /\bgh[pousr]_[A-Za-z0-9]{36,255}\b/g,
  /\bgithub_pat_[A-Za-z0-9_]{60,255}\b/g,
  /\bglpat-[A-Za-z0-9_-]{20,64}\b/g,
  /\bxox[abprs]-[A-Za-z0-9-]{10,250}\b/g,
  /\bsk-[A-Za-z0-9_-]{20,200}\b/g,
  /\bAIza[0-9A-Za-z_-]{35}\b/g,
  /\bcs[nsich]_[A-Za-z0-9_-]{20,100}\b/g,
  /\beyJ[A-Za-z0-9_-]{10,1024}\.eyJ[A-Za-z0-9_-]{10,8192}\.[A-Za-z0-9_-]{10,2048}/g,
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@'"]{1,128}:([^\s/@'"]{5,256})@/gi,
  /(?:password|passwd|secret|api[_-]?key|access[_-]?key|auth[_-]?token|private[_-]?key)\\{0,3}["']?[ \t]{0,16}[:=][ \t]{0,16}\\{0,3}["']?([^\s"',;${}<>()[\]]{8,512})/gi,
];

/** What every shape has in it: most texts have none of it, and one look is cheaper than eleven. */
const anyShape = /AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk-|AIza|cs[nsich]_|eyJ|[:=]/;

const keyBlock = /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----[\s\S]{16,16384}?-----END (?:[A-Z0-9]+ )*PRIVATE KEY-----/g;

/** Where a credential stands in a text: `start` is where its shape begins, `from` to `to` is the secret itself. */
export interface SecretSpan {
  readonly start: number;
  readonly from: number;
  readonly to: number;
}

/** Where credentials of one line stand in a text, in the order of their shapes; they may overlap. */
export function secretSpans(text: string): SecretSpan[] {
  if (!anyShape.test(text)) return [];
  return shapes.flatMap((shape) =>
    [...text.matchAll(shape)].map((match) => {
      const secret = match.at(-1) ?? match[0];
      const from = match.index + match[0].lastIndexOf(secret);
      return { start: match.index, from, to: from + secret.length };
    }),
  );
}

/** Secrets that stand in a text, by the shape of known credentials. */
export function findSecrets(text: string): string[] {
  const blocks = [...text.matchAll(keyBlock)].map(([block]) => block);
  return [...new Set([...blocks, ...secretSpans(text).map(({ from, to }) => text.slice(from, to))])];
}
