import type { Output } from './terminal.ts';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameMs = 90;
const clearLine = '\r\u001b[2K';

/** One line on stderr that moves while something is waited for; silent where stderr is no terminal. */
export interface Spinner {
  say(text: string): void;
  /** Takes the line away, so that other text may be written; `say` brings it back. */
  clear(): void;
  stop(): void;
}

/** Starts a spinner; nothing is drawn unless `output` is a terminal and `enabled`. */
export function startSpinner(output: Output, enabled: boolean): Spinner {
  if (!enabled || !output.isTty) return { say: () => undefined, clear: () => undefined, stop: () => undefined };
  let text = '';
  let frame = 0;
  const timer = setInterval(() => {
    if (text === '') return;
    frame = (frame + 1) % frames.length;
    output.write(`${clearLine}${frames[frame]} ${text.slice(0, Math.max(10, output.columns - 3))}`);
  }, frameMs);
  timer.unref();
  const clear = () => {
    if (text !== '') output.write(clearLine);
    text = '';
  };
  return {
    say: (next) => {
      text = next;
    },
    clear,
    stop: () => {
      clear();
      clearInterval(timer);
    },
  };
}
