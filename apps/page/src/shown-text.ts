import { visible, visibleLine } from '@countersign/evidence/visible';
import { type Content, element } from './element.ts';

const spelled = /(\\(?:r|u\{[0-9A-F]+\}))/;
const spelledOnLine = /(\\(?:[rnt]|u\{[0-9A-F]+\}))/;

function marked(text: string, spelling: RegExp): Content[] {
  return text
    .split(spelling)
    .filter((part) => part !== '')
    .map((part) =>
      spelling.test(part) ? element('mark', { title: 'A character that cannot be seen, by its number' }, part) : part,
    );
}

/** Text of several lines from elsewhere; whatever nobody could see stands in it by its number, marked. */
export function shown(text: string): Content[] {
  return marked(visible(text), spelled);
}

/** The same for one line, in which line breaks and tabs are marked as well. */
export function shownLine(text: string): Content[] {
  return marked(visibleLine(text), spelledOnLine);
}

/** A value as JSON that can be read. */
export function shownJson(value: unknown): HTMLElement {
  return element('pre', { tabindex: '0' }, ...shown(JSON.stringify(value, null, 2)));
}

/** A moment, in the reader's own words and zone. */
export function moment(at: number): HTMLElement {
  const date = new Date(at);
  const words = date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
  return element('time', { datetime: date.toISOString() }, words);
}
