import { element } from './element.ts';
import { problem } from './problem.ts';
import { isRefused } from './refused.ts';
import { stepUp } from './step-up.ts';

/** Runs something that may ask for a fresh proof of who acts; the proof is asked for and the work done again, once. */
async function withProof(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isRefused(error, 'E_STEP_UP_REQUIRED')) throw error;
    await stepUp();
    await work();
  }
}

/** Runs what somebody asked for, with its button held meanwhile, and shows beside it what went wrong. */
async function attempt(near: Element, button: HTMLButtonElement, work: () => Promise<void>): Promise<void> {
  near.parentElement?.querySelector(':scope > .problem')?.remove();
  button.disabled = true;
  try {
    await withProof(work);
  } catch (error) {
    if (isRefused(error, 'E_CANCELLED')) return;
    const box = problem(error);
    near.after(box);
    box.focus();
  } finally {
    button.disabled = false;
  }
}

/** A button that does something. */
export function actionButton(words: string, kind: string, work: () => Promise<void>): HTMLButtonElement {
  const button = element('button', { type: 'button', class: kind }, words);
  button.addEventListener('click', () => void attempt(button, button, work));
  return button;
}

/** A form that does something when it is sent, by Enter too. */
export function actionForm(
  words: string,
  kind: string,
  rows: readonly HTMLElement[],
  work: () => Promise<void>,
): HTMLFormElement {
  const button = element('button', { type: 'submit', class: kind }, words);
  const form = element('form', {}, ...rows, button);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void attempt(form, button, work);
  });
  return form;
}
