import { InvalidArgumentError } from 'commander';
import { expect, it } from 'vitest';
import { collectSecret, collectSetting, settingsWith } from './target-settings.ts';

it('settings come by dotted names, as JSON where they are, and keep what stands beside them', () => {
  const changes = ['path=/srv/a=b', 'keep=3', 'on=true', 'tls.ca_file=/ca.pem', 'list=["a"]', 'name=3x', 'gone=null'];
  const settings = changes.reduce(
    (before: ReturnType<typeof collectSetting>, text) => collectSetting(text, before),
    [],
  );
  expect(settingsWith({ tls: { key_file: '/k' }, other: 1 }, settings)).toEqual({
    path: '/srv/a=b',
    keep: 3,
    on: true,
    tls: { key_file: '/k', ca_file: '/ca.pem' },
    list: ['a'],
    name: '3x',
    gone: null,
    other: 1,
  });
});

it('a secret is named by its place and nothing else', () => {
  const secrets = ['a=file:/etc/s', 'b.c=env:TOKEN', 'd=credential:docker'];
  const settings = secrets.reduce((before: ReturnType<typeof collectSecret>, text) => collectSecret(text, before), []);
  expect(settingsWith({}, settings)).toEqual({
    a: { secret_file: '/etc/s' },
    b: { c: { secret_env: 'TOKEN' } },
    d: { secret_credential: 'docker' },
  });
  for (const bad of ['a=hunter2', 'a=', 'a', '=file:x', 'a b=file:x', 'a=file:'])
    expect(() => collectSecret(bad)).toThrow(InvalidArgumentError);
  for (const bad of ['a', '=x', 'a..b=x', '.a=1']) expect(() => collectSetting(bad)).toThrow(InvalidArgumentError);
});
