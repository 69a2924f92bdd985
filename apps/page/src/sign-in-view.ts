import type { PasskeyLoginRequest } from '@countersign/protocol';
import { actionButton, actionForm } from './act.ts';
import { call, forgetCsrf, isElsewhere } from './api.ts';
import { element, field, paragraph, section } from './element.ts';
import { askForPasskey, hasPasskeys } from './passkey.ts';
import { problem } from './problem.ts';
import { isRefused, Refused } from './refused.ts';
import { shownLine } from './shown-text.ts';
import { grantWords } from './words.ts';

/** Where a browser goes once it is signed in: where it wanted to go. */
function wanted(): string {
  return location.pathname === '/sign-in' ? '/' : location.pathname;
}

/** Where a provider's answer leads back to; a page of another origin names itself, and looks whether the session came along. */
function returnTo(): string {
  return isElsewhere ? `${location.origin}${wanted()}#signed-in` : wanted();
}

/** What is said where the sign-in went well and the cookie did not come along: nothing else tells a person why. */
function cookieBlocked(): HTMLElement {
  return section(
    'Your browser keeps the sign-in back',
    paragraph(
      'You were signed in, but the next request came without the session: this browser blocks cookies that belong to ',
      'another site than the page. Safari and Firefox do so always, Chromium in private windows and where it is set.',
    ),
    element(
      'ul',
      {},
      element('li', {}, 'Allow third-party cookies for this page, and sign in again; or'),
      element('li', {}, 'open the page at the server itself, where no such cookie is needed; or'),
      element('li', {}, 'ask whoever runs this to put page and server under one domain.'),
    ),
  );
}

function explainBlocked(main: HTMLElement): void {
  const words = cookieBlocked();
  words.id = 'cookie-blocked';
  words.tabIndex = -1;
  main.replaceChildren(words);
  words.focus();
}

/** Goes on after a sign-in, when the session really came along. */
async function enter(main: HTMLElement): Promise<void> {
  forgetCsrf();
  try {
    await call('whoami');
  } catch (error) {
    if (!isElsewhere || !isRefused(error, 'E_AUTH_REQUIRED', 'E_AUTH_INVALID')) throw error;
    return explainBlocked(main);
  }
  location.assign(wanted());
}

function passwordForm(main: HTMLElement): HTMLElement {
  const name = field('Name', {
    name: 'name',
    autocomplete: 'username',
    autocapitalize: 'none',
    spellcheck: 'false',
    required: '',
  });
  const password = field('Password', {
    name: 'password',
    type: 'password',
    autocomplete: 'current-password',
    required: '',
  });
  const code = field('Code of your authenticator', {
    name: 'totp',
    inputmode: 'numeric',
    autocomplete: 'one-time-code',
    pattern: '[0-9]{6}',
    maxlength: '6',
  });
  code.row.hidden = true;
  return actionForm('Sign in', 'main', [name.row, password.row, code.row], async () => {
    const second = code.input.value === '' ? {} : { totp: code.input.value };
    try {
      await call('login', { body: { name: name.input.value, password: password.input.value, ...second } });
    } catch (error) {
      if (!isRefused(error, 'E_SECOND_FACTOR_REQUIRED')) throw error;
      code.row.hidden = false;
      code.input.required = true;
      code.input.focus();
      return;
    }
    await enter(main);
  });
}

async function loginByPasskey(main: HTMLElement): Promise<void> {
  const { options } = await call('passkeyLoginBegin', { body: {} });
  const body: PasskeyLoginRequest = { response: await askForPasskey(options) };
  await call('passkeyLogin', { body });
  await enter(main);
}

function providerButton(name: string, label: string, invite: string | null): HTMLElement {
  return actionButton(`Sign in with ${label}`, '', async () => {
    const body = { return_to: returnTo(), ...(invite !== null && { invite }) };
    const { url } = await call('providerLoginBegin', { params: { provider: name }, body });
    location.assign(url);
  });
}

async function otherWays(main: HTMLElement, invite: string | null): Promise<HTMLElement[]> {
  const { passkey, providers } = await call('signInChoices');
  const ways = providers.map(({ name, label }) => providerButton(name, label, invite));
  if (invite === null && passkey && hasPasskeys)
    ways.unshift(actionButton('Use a passkey', '', () => loginByPasskey(main)));
  return ways.length === 0 ? [] : [element('div', { class: 'ways' }, element('p', { class: 'or' }, 'or'), ...ways)];
}

async function showInvite(main: HTMLElement, invite: string): Promise<void> {
  const offer = await call('inviteOffer', { body: { invite } });
  const password = field(offer.kind === 'join' ? 'Choose a password' : 'Choose a new password', {
    name: 'new-password',
    type: 'password',
    autocomplete: 'new-password',
    minlength: '12',
    required: '',
    'aria-describedby': 'password-rule',
  });
  // Password managers keep the name with the password.
  const name = field('Name', { name: 'name', autocomplete: 'username', value: offer.name, readonly: '' });
  const grants = offer.grants.map((grant) => element('li', {}, ...shownLine(grantWords(grant))));
  const rule = element(
    'p',
    { id: 'password-rule', class: 'small' },
    'At least 12 characters and without your name; a sentence is best.',
  );
  main.replaceChildren(
    element('h1', {}, offer.kind === 'join' ? 'Join Countersign' : 'Set a new password'),
    ...(offer.kind === 'join' ? [paragraph('You were invited as:'), element('ul', {}, ...grants)] : []),
    actionForm(
      offer.kind === 'join' ? 'Join' : 'Set the password',
      'main',
      [name.row, password.row, rule],
      async () => {
        await call('inviteRedeem', { body: { invite, password: password.input.value } });
        // The link is used: it should not stay in the address.
        history.replaceState(null, '', '/sign-in');
        await enter(main);
      },
    ),
    ...(offer.kind === 'join' ? await otherWays(main, invite) : []),
  );
}

/** Shows how to sign in, or what an invite's link offers. */
export async function showSignIn(main: HTMLElement): Promise<void> {
  main.classList.add('narrow');
  const invite = /^#invite=(csi_[\w-]+)$/.exec(location.hash)?.[1] ?? null;
  if (invite !== null) return await showInvite(main, invite);
  if (isElsewhere && location.hash === '#signed-in') return explainBlocked(main);
  const failed = /^#error=(E_[A-Z_]+)$/.exec(location.hash)?.[1];
  main.replaceChildren(
    element('h1', {}, 'Sign in'),
    ...(failed === undefined
      ? []
      : [problem(new Refused(failed, 'the provider did not sign you in', 'try again, or another way'))]),
    ...(location.pathname === '/sign-in' || location.pathname === '/'
      ? []
      : [paragraph('Sign in to go on to what you opened.')]),
    passwordForm(main),
    ...(await otherWays(main, null)),
  );
}
