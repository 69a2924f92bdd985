import { expect, it } from 'vitest';
import { selectableLabels } from './selectable-labels.ts';

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
  ).toEqual({ app: 'web', tier: '', 'example.com/zone': 'a', 'com.docker.compose.project': 'shop' });
  expect(selectableLabels(null)).toEqual({});
  expect(selectableLabels({ app: 1 })).toEqual({});
});
