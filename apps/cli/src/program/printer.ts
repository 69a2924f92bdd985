import { type Colors, colorsFor } from '../render/colors.ts';
import { asTyped } from './as-typed.ts';
import type { CliDeps } from './deps.ts';

/**
 * Where a command writes: data to stdout, all else to stderr; with `--json` stdout carries JSON only. Every text is
 * written as it is, so what comes from outside must have been made visible before.
 */
export interface Printer {
  readonly json: boolean;
  /** Colours for `text`, `shown` and `stream`. */
  readonly colors: Colors;
  /** Colours for `note`. */
  readonly noteColors: Colors;
  /** What a person came for: lines on stdout; nothing with `--json`, where the document says it. */
  text(text: string): void;
  /** What a person must have seen before deciding: stdout, and stderr with `--json`. */
  shown(text: string): void;
  /** Output of a run in pieces that need not end a line: stdout, and stderr with `--json`. */
  stream(text: string): void;
  /** What goes beside it: lines on stderr. */
  note(text: string): void;
  /** A note that holds commands to type next. */
  next(text: string): void;
  /** The one document of `--json`, or one line of a stream; nothing without `--json`. */
  document(value: unknown): void;
}

/** Makes the printer of one command. */
export function printerFor(deps: CliDeps, options: { json?: boolean; color: boolean }): Printer {
  const { stdout, stderr } = deps.terminal;
  const json = options.json === true;
  const main = json ? stderr : stdout;
  const noteColors = colorsFor(stderr, deps.env, options.color);
  let lineIsOpen = false;
  const closeLine = () => {
    if (lineIsOpen) main.write('\n');
    lineIsOpen = false;
  };
  const shown = (text: string) => {
    closeLine();
    main.write(text.endsWith('\n') ? text : `${text}\n`);
  };
  const note = (text: string) => {
    // In a file the run's output stays as it was; on a screen both streams share the line.
    if (main.isTty || json) closeLine();
    stderr.write(text.endsWith('\n') ? text : `${text}\n`);
  };
  return {
    json,
    noteColors,
    colors: json ? noteColors : colorsFor(stdout, deps.env, options.color),
    text: (text) => {
      if (!json) shown(text);
    },
    shown,
    stream: (text) => {
      main.write(text);
      if (text !== '') lineIsOpen = !text.endsWith('\n');
    },
    note,
    next: (text) => note(asTyped(text, deps.env)),
    document: (value) => {
      closeLine();
      if (json) stdout.write(`${JSON.stringify(value)}\n`);
    },
  };
}
