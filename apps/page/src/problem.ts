import { element } from './element.ts';
import { Refused } from './refused.ts';
import { shownLine } from './shown-text.ts';

/** What went wrong, in words for a person. */
export function problem(error: unknown): HTMLElement {
  const box = element('div', { role: 'alert', class: 'problem', tabindex: '-1' });
  if (!(error instanceof Refused)) {
    const message = error instanceof Error ? error.message : String(error);
    box.append(element('p', {}, ...shownLine(message)));
    return box;
  }
  box.append(element('p', {}, element('strong', {}, ...shownLine(error.message))));
  if (error.next !== '') box.append(element('p', {}, 'Next: ', ...shownLine(error.next)));
  box.append(element('p', { class: 'small' }, `${error.code}${error.requestId === '' ? '' : ` · ${error.requestId}`}`));
  return box;
}
