import { expect, it } from 'vitest';
import { withoutSecrets } from './list.ts';

it('withholds the command and what unknown labels hold', () => {
  const raw = {
    Id: 'c1',
    Command: 'serve --password=hunter2',
    Labels: { 'com.docker.compose.service': 'web', 'traefik.basicauth.users': 'me:hash' },
  };
  expect(withoutSecrets(raw)).toEqual({
    Id: 'c1',
    Command: '[withheld]',
    Labels: { 'com.docker.compose.service': 'web', 'traefik.basicauth.users': '[withheld]' },
  });
  expect(withoutSecrets({ Labels: null })).toEqual({ Command: '[withheld]', Labels: {} });
});
