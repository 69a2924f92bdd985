import { expect, it } from 'vitest';
import { selectableLabels } from './selectable-labels.ts';
import { withheld } from './withheld.ts';

it.each([
  'db.pwd',
  'access_key',
  'signing-key',
  'cookie',
  'salt',
  'pin',
  'auth',
  'app/password',
  'apikey',
  'mysqlRootPassword',
  'bypass-restart',
])('the value of %s is withheld, its key is not', (key) =>
  expect(selectableLabels({ [key]: 'hunter2' })).toEqual({ [key]: withheld }),
);

it('shows short plain words and what a known tool wrote, and nothing that may be a secret', () => {
  expect(
    selectableLabels({
      app: 'web',
      tier: '',
      'example.com/zone': 'a',
      'com.docker.compose.project': 'shop',
      'traefik.basicauth.users': 'me',
      'deploy.token': 'abcdef',
      build: 'ghp_0123456789abcdefghijklmnopqrstuvwxyz',
      rule: 'Host(`a.example`)',
      'not a key': 'x',
      long: 'x'.repeat(64),
    }),
  ).toEqual({
    app: 'web',
    tier: '',
    'example.com/zone': 'a',
    'com.docker.compose.project': 'shop',
    'traefik.basicauth.users': withheld,
    'deploy.token': withheld,
    build: withheld,
    rule: withheld,
    long: withheld,
  });
  expect(selectableLabels(null)).toEqual({});
  expect(selectableLabels({ app: 1 })).toEqual({});
});
