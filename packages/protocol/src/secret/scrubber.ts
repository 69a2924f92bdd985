import { findSecrets } from './find-secrets.ts';
import { secretForms } from './secret-forms.ts';

/** Stands where a secret stood. */
export const scrubMark = '[secret]';

/** Removes known secrets, in every spelling, from text. */
export interface Scrubber {
  /** Scrubs a whole text. */
  text(text: string): string;
  /** A scrubber for a text that comes in chunks: a secret cut in two by a chunk's border is found. */
  stream(): StreamScrubber;
}
export interface StreamScrubber {
  /** Text that may go out now; what could be the start of a secret is held back. */
  push(chunk: string): string;
  /** The rest, at the end of the stream. */
  end(): string;
}

function heldBack(text: string, forms: readonly string[]): number {
  let longest = 0;
  for (const form of forms) {
    for (let length = Math.min(form.length - 1, text.length); length > longest; length -= 1) {
      if (text.endsWith(form.slice(0, length))) {
        longest = length;
        break;
      }
    }
  }
  return longest;
}

const shortestLine = 16;

/** A secret of several lines, and each line by itself: a diff puts a sign before every one. */
function withLines(secret: string): string[] {
  const lines = secret.split('\n').filter((line) => line.length >= shortestLine && !line.startsWith('-----'));
  return secret.includes('\n') ? [secret, ...lines] : [secret];
}

/** Makes a scrubber for these secrets. Shorter ones than `shortestSecret` are left alone. */
export function createScrubber(secrets: readonly string[]): Scrubber {
  const forms = [...new Set(secrets.flatMap(withLines).flatMap(secretForms))].sort((a, b) => b.length - a.length);
  const scrub = (text: string): string => forms.reduce((rest, form) => rest.replaceAll(form, scrubMark), text);
  return {
    text: scrub,
    stream() {
      let pending = '';
      return {
        push(chunk) {
          const text = scrub(pending + chunk);
          const keep = heldBack(text, forms);
          pending = text.slice(text.length - keep);
          return text.slice(0, text.length - keep);
        },
        end() {
          const rest = scrub(pending);
          pending = '';
          return rest;
        },
      };
    },
  };
}

const longestHeld = 16_384;
const openKeyBlock = /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----(?![\s\S]*-----END (?:[A-Z0-9]+ )*PRIVATE KEY-----)/;

/** Where the text may be cut without cutting a credential: after the last line end, and before a key block that is still open. */
function safeEnd(text: string): number {
  const lineEnd = text.lastIndexOf('\n') + 1;
  const opened = text.slice(0, lineEnd).search(openKeyBlock);
  const end = opened < 0 ? lineEnd : Math.min(lineEnd, opened);
  return text.length - end > longestHeld ? text.length : end;
}

/** Like `createScrubber`, and removes as well what has the shape of a known credential: a target's own secrets are known to nobody. Chunks leave at line ends. */
export function createTargetScrubber(secrets: readonly string[]): Scrubber {
  const known = createScrubber(secrets);
  const shaped = (text: string): string => createScrubber(findSecrets(text)).text(text);
  return {
    text: (text) => shaped(known.text(text)),
    stream() {
      const inner = known.stream();
      let pending = '';
      return {
        push(chunk) {
          const text = pending + inner.push(chunk);
          const end = safeEnd(text);
          pending = text.slice(end);
          return shaped(text.slice(0, end));
        },
        end: () => shaped(pending + inner.end()),
      };
    },
  };
}
