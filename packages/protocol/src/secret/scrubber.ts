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

/** Makes a scrubber for these secrets. Shorter ones than `shortestSecret` are left alone. */
export function createScrubber(secrets: readonly string[]): Scrubber {
  const forms = [...new Set(secrets.flatMap(secretForms))].sort((a, b) => b.length - a.length);
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
