import { visible, visibleLine } from '@countersign/evidence';
import type { StreamEvent } from '@countersign/protocol';
import type { Printer } from '../program/printer.ts';
import { paintState } from '../render/run.ts';
import { renderSize } from '../render/size.ts';
import type { Spinner } from '../terminal/spinner.ts';

/** Prints one event of a stream: the run's own output as data, everything about it beside. */
export function printEvent(event: StreamEvent, print: Printer, spinner: Spinner): void {
  const { noteColors: colors } = print;
  if (event.type === 'progress') {
    const part = event.fraction === null ? '' : ` ${Math.round(event.fraction * 100)}%`;
    spinner.say(`step ${event.step + 1}${part}: ${visibleLine(event.message)}`);
    return;
  }
  spinner.clear();
  if (event.type === 'output') {
    const text = visible(event.text);
    if (event.channel === 'stdout') print.stream(text);
    else print.note(event.channel === 'note' ? colors.dim(text.replace(/\n$/, '')) : text);
  } else if (event.type === 'truncated') {
    print.note(colors.yellow(`output cut at ${event.cap_bytes} bytes, ${event.dropped_bytes} dropped`));
  } else if (event.type === 'removed') {
    print.note(
      colors.yellow(`output of ${renderSize(event.size_bytes)} was removed by retention; the bundle has its log`),
    );
  } else if (event.type === 'state') {
    const why = typeof event.detail?.['message'] === 'string' ? `: ${visibleLine(event.detail['message'])}` : '';
    // Steps count from 0 on the wire and from 1 wherever they are shown.
    const subject = event.subject.replace(/^step (\d+)$/, (_whole, index: string) => `step ${Number(index) + 1}`);
    print.note(`${colors.dim(`${visibleLine(subject)}:`)} ${paintState(event.state, colors)}${why}`);
  }
}
