import type { AccountView, SessionView } from '@countersign/protocol';
import { actionButton, actionForm } from './act.ts';
import { call, forgetCsrf } from './api.ts';
import { element, factList, field, paragraph, section } from './element.ts';
import { hasPasskeys, makePasskey } from './passkey.ts';
import { moment, shownLine } from './shown-text.ts';
import { grantWords } from './words.ts';

type Redraw = () => Promise<void>;

/** Ends this session, or all of them, and goes back to the sign-in. */
export async function signOut(everywhere: boolean): Promise<void> {
  await call('logout', { body: { everywhere } });
  forgetCsrf();
  location.assign('/sign-in');
}

function sessionRow(session: SessionView, redraw: Redraw): HTMLElement {
  const what = session.current ? 'This browser' : session.user_agent || 'A browser';
  return element(
    'li',
    { class: 'card' },
    element('p', {}, element('strong', {}, ...shownLine(what))),
    element(
      'p',
      { class: 'small' },
      ...shownLine(`${session.address} · by ${session.method} · last seen `),
      moment(session.seen_at),
    ),
    ...(session.current
      ? []
      : [
          actionButton('End it', 'danger', async () => {
            await call('sessionRevoke', { params: { session_id: session.session_id } });
            await redraw();
          }),
        ]),
  );
}

function sessionsPart(sessions: readonly SessionView[], redraw: Redraw): HTMLElement {
  return section(
    'Your sessions',
    element('ul', { class: 'cards' }, ...sessions.map((session) => sessionRow(session, redraw))),
    actionButton('Sign out everywhere', 'danger', () => signOut(true)),
  );
}

function passkeysPart({ passkeys }: AccountView, redraw: Redraw): HTMLElement {
  const items = passkeys.map(({ passkey_id: id, name, created_at: at }) =>
    element(
      'li',
      { class: 'card' },
      element('p', {}, element('strong', {}, ...shownLine(name)), ', since ', moment(at)),
      actionButton('Remove it', 'danger', async () => {
        await call('passkeyRemove', { params: { passkey_id: id } });
        await redraw();
      }),
    ),
  );
  const name = field('What to call it', {
    name: 'passkey-name',
    maxlength: '64',
    required: '',
    placeholder: 'such as: work laptop',
  });
  const add = actionForm('Add a passkey', 'main', [name.row], async () => {
    const { options } = await call('passkeyBegin', { body: {} });
    await call('passkeyAdd', { body: { name: name.input.value, response: await makePasskey(options) } });
    await redraw();
  });
  return section(
    'Passkeys',
    paragraph('A passkey signs you in, and proves afresh that it is you where that is wanted.'),
    element('ul', { class: 'cards' }, ...items),
    hasPasskeys ? add : paragraph('This browser cannot make passkeys here.'),
  );
}

/** Shows the new secret, and takes the first code that proves it arrived. */
function totpOffer(secret: string, uri: string, redraw: Redraw): HTMLElement {
  const code = field('The code it shows now', {
    name: 'totp-code',
    inputmode: 'numeric',
    autocomplete: 'one-time-code',
    pattern: '[0-9]{6}',
    maxlength: '6',
    required: '',
  });
  return element(
    'div',
    {},
    paragraph(
      'Type this secret into your authenticator, or ',
      element('a', { href: uri }, 'open it there'),
      '. It is shown once.',
    ),
    paragraph(element('code', { id: 'totp-secret', class: 'secret' }, secret.replaceAll(/(.{4})(?=.)/g, '$1 '))),
    actionForm('Confirm the authenticator', 'main', [code.row], async () => {
      await call('totpConfirm', { body: { code: code.input.value } });
      await redraw();
    }),
  );
}

function totpPart({ person }: AccountView, redraw: Redraw): HTMLElement {
  if (person.proofs.totp) {
    return section(
      'Authenticator',
      paragraph('Set up. Signing in by password asks for its code.'),
      actionButton('Remove it', 'danger', async () => {
        await call('totpRemove');
        await redraw();
      }),
    );
  }
  const place = element('div', {});
  const begin = actionButton('Set up an authenticator', '', async () => {
    const { secret, uri } = await call('totpBegin', { body: {} });
    place.replaceChildren(totpOffer(secret, uri, redraw));
  });
  place.append(begin);
  return section('Authenticator', paragraph('Codes of six digits from an app, beside your password.'), place);
}

/** Shows one's own account: sessions, passkeys, authenticator. */
export async function showAccount(main: HTMLElement): Promise<void> {
  const redraw = async (): Promise<void> => {
    const [account, { sessions }] = await Promise.all([call('accountGet'), call('sessionList')]);
    const { person } = account;
    main.replaceChildren(
      element('h1', {}, 'Your account'),
      factList([
        ['Name', ...shownLine(person.name)],
        ['Roles', ...shownLine(person.grants.map(grantWords).join('; ') || 'none')],
        ...(person.groups.length === 0 ? [] : [['Groups', ...shownLine(person.groups.join(', '))] as const]),
      ]),
      sessionsPart(sessions, redraw),
      passkeysPart(account, redraw),
      totpPart(account, redraw),
    );
  };
  await redraw();
}
