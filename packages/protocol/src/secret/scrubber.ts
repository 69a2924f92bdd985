import { scrubMark } from './scrub-mark.ts';
import { secretForms } from './secret-forms.ts';
import { scrubShapes, shapeStream } from './shape-scrubber.ts';

/** Removes known secrets, in every spelling, from text. */
export interface Scrubber {
  /** Scrubs a whole text. As many lines come out as went in. */
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

/** How much of the text may go out: no secret, and no beginning of one, is cut by its end. */
function safeLength(text: string, forms: readonly string[]): number {
  let length = text.length - heldBack(text, forms);
  for (let cutting = true; cutting; ) {
    cutting = false;
    for (const form of forms) {
      const at = text.indexOf(form, Math.max(0, length - form.length + 1));
      if (at < 0 || at >= length) continue;
      length = at;
      cutting = true;
    }
  }
  return length;
}

const shortestLine = 16;

/** A secret of several lines, and each line by itself: a diff puts a sign before every one. */
function withLines(secret: string): string[] {
  if (!secret.includes('\n')) return [secret];
  const lines = secret.split('\n').map((line) => line.trim());
  return [secret, ...lines.filter((line) => line.length >= shortestLine && !line.startsWith('-----'))];
}

function markOf(form: string): string {
  return form.includes('\n') ? form.replaceAll(/[^\n]+/g, scrubMark) : scrubMark;
}

/** Makes a scrubber for these secrets. Shorter ones than `shortestSecret` are left alone. */
export function createScrubber(secrets: readonly string[]): Scrubber {
  const forms = [...new Set(secrets.flatMap(withLines).flatMap(secretForms))].sort((a, b) => b.length - a.length);
  const scrub = (text: string): string => forms.reduce((rest, form) => rest.replaceAll(form, markOf(form)), text);
  return {
    text: scrub,
    stream() {
      let pending = '';
      return {
        push(chunk) {
          const text = pending + chunk;
          const length = safeLength(text, forms);
          pending = text.slice(length);
          return scrub(text.slice(0, length));
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

/** Like `createScrubber`, and removes as well what has the shape of a known credential: a target's own secrets are known to nobody. Chunks leave at line ends. */
export function createTargetScrubber(secrets: readonly string[]): Scrubber {
  const known = createScrubber(secrets);
  return {
    text: (text) => scrubShapes(known.text(text)),
    stream() {
      const inner = known.stream();
      const shapes = shapeStream();
      return {
        push: (chunk) => shapes.push(inner.push(chunk)),
        end: () => shapes.push(inner.end()) + shapes.end(),
      };
    },
  };
}
