import type { Principal } from '@countersign/protocol';
import { showAccount, signOut } from './account-view.ts';
import { actionButton } from './act.ts';
import { call } from './api.ts';
import { byId, element } from './element.ts';
import { showOperation } from './operation-view.ts';
import { problem } from './problem.ts';
import { isRefused } from './refused.ts';
import { shownLine } from './shown-text.ts';
import { showSignIn } from './sign-in-view.ts';
import { showWaiting } from './waiting-view.ts';

/** Whoever is signed in; null where nobody is. */
async function whoever(): Promise<Principal | null> {
  try {
    return await call('whoami');
  } catch (error) {
    if (isRefused(error, 'E_AUTH_REQUIRED', 'E_AUTH_INVALID')) return null;
    throw error;
  }
}

function showNavigation(me: Principal): void {
  const nav = byId('nav');
  const account = element('a', { href: '/account' }, 'Account');
  if (location.pathname === '/account') account.setAttribute('aria-current', 'page');
  nav.replaceChildren(
    element('span', { class: 'who' }, ...shownLine(me.name)),
    account,
    actionButton('Sign out', '', () => signOut(false)),
  );
  nav.hidden = false;
}

async function show(main: HTMLElement): Promise<void> {
  const invited = location.hash.startsWith('#invite=');
  const me = invited ? null : await whoever();
  if (me === null) return await showSignIn(main);
  showNavigation(me);
  const operation = /^\/ops\/([\w-]+)$/.exec(location.pathname)?.[1];
  if (operation !== undefined) await showOperation(main, me, operation);
  else if (location.pathname === '/account') await showAccount(main);
  else await showWaiting(main, me);
}

const main = byId('main');
main.setAttribute('aria-busy', 'true');
try {
  await show(main);
} catch (error) {
  main.replaceChildren(element('h1', {}, 'This cannot be shown'), problem(error));
}
main.removeAttribute('aria-busy');
const heading = main.querySelector('h1')?.textContent ?? '';
document.title = heading === '' ? 'Countersign' : `${heading} – Countersign`;
