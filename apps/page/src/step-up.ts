import type { StepUpRequest, StepUpView } from '@countersign/protocol';
import { call, forgetCsrf } from './api.ts';
import { element, field, paragraph } from './element.ts';
import { askForPasskey, hasPasskeys } from './passkey.ts';
import { problem } from './problem.ts';
import { Refused } from './refused.ts';

async function prove(proof: StepUpRequest): Promise<void> {
  await call('stepUp', { body: proof });
  // The session was renewed with the proof.
  forgetCsrf();
}

async function proveByPasskey(): Promise<void> {
  const { options } = await call('stepUpPasskey', { body: {} });
  await prove({ method: 'passkey', response: await askForPasskey(options) });
}

/** One way to prove it: what is asked for, and what is done with it. */
interface Way {
  readonly rows: readonly HTMLElement[];
  readonly words: string;
  readonly prove: () => Promise<void>;
}

function waysOf({ methods }: StepUpView): Way[] {
  const ways: Way[] = [];
  if (methods.includes('passkey') && hasPasskeys)
    ways.push({ rows: [], words: 'Use a passkey', prove: proveByPasskey });
  if (methods.includes('totp')) {
    const { row, input } = field('Code of your authenticator', {
      name: 'step-up-code',
      inputmode: 'numeric',
      autocomplete: 'one-time-code',
      pattern: '[0-9]{6}',
      maxlength: '6',
      required: '',
    });
    ways.push({ rows: [row], words: 'Check the code', prove: () => prove({ method: 'totp', code: input.value }) });
  }
  if (methods.includes('password')) {
    const { row, input } = field('Your password', {
      name: 'step-up-password',
      type: 'password',
      autocomplete: 'current-password',
      required: '',
    });
    ways.push({
      rows: [row],
      words: 'Check the password',
      prove: () => prove({ method: 'password', password: input.value }),
    });
  }
  return ways;
}

function formOf({ rows, words, prove: proveIt }: Way, done: () => void): HTMLFormElement {
  const button = element('button', { type: 'submit', class: 'main' }, words);
  const form = element('form', {}, ...rows, button);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    form.querySelector('.problem')?.remove();
    button.disabled = true;
    try {
      await proveIt();
      done();
    } catch (error) {
      const box = problem(error);
      form.append(box);
      box.focus();
    } finally {
      button.disabled = false;
    }
  });
  return form;
}

/**
 * Asks in a dialog for a fresh proof of who sits there.
 *
 * @throws Refused with E_CANCELLED when the dialog is closed without one.
 */
export async function stepUp(): Promise<void> {
  const view = await call('stepUpGet');
  const ways = waysOf(view);
  if (ways.length === 0) {
    throw new Refused(
      'E_STEP_UP_REQUIRED',
      'this needs a fresh proof of who you are, and you have none to give here',
      'add a passkey or an authenticator under Account',
    );
  }
  const dialog = element('dialog', { 'aria-labelledby': 'step-up-title' });
  let proved = false;
  const done = (): void => {
    proved = true;
    dialog.close();
  };
  const cancel = element('button', { type: 'button' }, 'Cancel');
  cancel.addEventListener('click', () => dialog.close());
  dialog.append(
    element('h2', { id: 'step-up-title' }, 'Prove that it is you'),
    paragraph('What you are about to do needs a fresh proof. It counts for five minutes.'),
    ...ways.map((way) => formOf(way, done)),
    cancel,
  );
  document.body.append(dialog);
  const closed = new Promise((resolve) => dialog.addEventListener('close', resolve, { once: true }));
  dialog.showModal();
  await closed;
  dialog.remove();
  if (!proved) throw new Refused('E_CANCELLED', 'no proof was given');
}

/** Asks for a proof unless one is still fresh. */
export async function ensureStepUp(): Promise<void> {
  const { fresh_until: until } = await call('stepUpGet');
  if (until === null || until <= Date.now()) await stepUp();
}
