import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConnector } from '@countersign/connector-kit';
import type { TargetSettings } from '@countersign/protocol';
import { makeTempFolder } from '@countersign/testing';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { z } from 'zod';
import type { AcceptRule } from '../config/worker-config.ts';
import { acceptTargets } from './accept-target.ts';
import { findSecrets } from './find-secrets.ts';

const connector = defineConnector({
  name: 'fake',
  version: '1',
  config: z.looseObject({
    token: z
      .string()
      .regex(/^[^!]*$/)
      .optional(),
  }),
  actions: [],
  connect: () => {
    throw new Error('nothing is connected here');
  },
});

const { path: folder, remove } = makeTempFolder();
afterAll(remove);
mkdirSync(join(folder, 'credentials'));
writeFileSync(join(folder, 'token'), 'from a file\n');
writeFileSync(join(folder, 'wrong'), 'a!secret\n');
writeFileSync(join(folder, 'empty'), '\n');
writeFileSync(join(folder, 'credentials/docker'), 'from systemd');
const sources = { env: { TOKEN: 'from the environment', CREDENTIALS_DIRECTORY: join(folder, 'credentials') }, folder };

const accepted = (settings: AcceptRule['settings'], asked: TargetSettings) =>
  acceptTargets(
    [{ connector: 'fake', settings }],
    [connector],
    sources,
    'countersign.yaml',
  )({ name: 't', connector: 'fake', settings: asked });

it.each<[string, AcceptRule['settings'], TargetSettings]>([
  ['a text', { host: ['a.example', 'b.example'] }, { host: 'b.example' }],
  ['a number', { port: ['2376'] }, { port: 2376 }],
  ['below a folder', { path: ['/srv/repos/**'] }, { path: '/srv/repos/shop/x' }],
  ['spelled otherwise, below it all the same', { path: ['/srv/repos/**'] }, { path: '/srv/repos/a/../shop' }],
  ['anything', { branch: ['*'] }, { branch: 'x/**' }],
  ['inside of others', { 'tls.ca': ['/ca'], 'tls.name': ['*'] }, { tls: { ca: '/ca', name: 'n' } }],
  ['each of a list', { hosts: ['a', 'b'] }, { hosts: ['b', 'a', 'a'] }],
  ['a place', { token: [`file:${folder}/**`, 'env:TOKEN'] }, { token: { secret_env: 'TOKEN' } }],
])('%s is let in', (_what, settings, asked) => {
  expect(accepted(settings, asked)).toMatchObject({ name: 't', connector: 'fake' });
});

it.each<[string, AcceptRule['settings'], TargetSettings]>([
  ['another text', { host: ['a.example'] }, { host: 'a.example.evil' }],
  ['what no rule names', { host: ['*'] }, { host: 'a', shell: 'x' }],
  ['another folder', { path: ['/srv/repos/**'] }, { path: '/srv/repos-of-others/x' }],
  ['the folder itself', { path: ['/srv/repos/**'] }, { path: '/srv/repos/' }],
  ['a way out', { path: ['/srv/repos/**'] }, { path: '/srv/repos/../../etc' }],
  ['a relative way', { path: ['/srv/repos/**'] }, { path: 'srv/repos/x' }],
  ['inside of others', { tls: ['*'] }, { tls: { ca: '/ca' } }],
  ['one of a list', { hosts: ['a'] }, { hosts: ['a', 'b'] }],
  ['a place where any text will do', { token: ['*'] }, { token: { secret_file: '/etc/shadow' } }],
  ['another place', { token: ['file:/etc/app/**'] }, { token: { secret_file: '/etc/app/../shadow' } }],
  ['another kind of place', { token: ['file:/etc/app/**'] }, { token: { secret_env: 'TOKEN' } }],
])('%s is refused, and named', (_what, settings, asked) => {
  expect(() => accepted(settings, asked)).toThrow(expect.objectContaining({ code: 'E_WORKER_REFUSED' }));
});

it('nothing that is not below a folder is let in, however it is spelled', () => {
  const part = fc.constantFrom('..', '.', '', 'a', 'srv', 'repos', '...', '%2e%2e', 'a\0b', '**');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const path = `/srv/repos/${parts.join('/')}`;
      let depth = 0;
      let lowest = 0;
      for (const each of parts.filter((name) => name !== '' && name !== '.')) {
        depth += each === '..' ? -1 : 1;
        lowest = Math.min(lowest, depth);
      }
      let let_in = true;
      try {
        accepted({ path: ['/srv/repos/**'] }, { path });
      } catch {
        let_in = false;
      }
      if (depth < 0 || path.includes('\0')) expect(let_in).toBe(false);
      if (lowest >= 0 && depth > 0 && !path.includes('\0')) expect(let_in).toBe(true);
    }),
    { numRuns: 500 },
  );
});

it('secrets come from environment, file and systemd, wherever they stand; what is missing is named, never shown', () => {
  const settings = {
    a: { secret_env: 'TOKEN' },
    b: [{ secret_file: 'token' }],
    c: { d: { secret_credential: 'docker' } },
    e: 1,
  };
  expect(findSecrets(settings, sources)).toEqual({
    a: 'from the environment',
    b: ['from a file'],
    c: { d: 'from systemd' },
    e: 1,
  });
  for (const place of [
    { secret_env: 'NOT_THERE' },
    { secret_file: 'not-there' },
    { secret_file: 'empty' },
    { secret_credential: 'not-there' },
  ])
    expect(() => findSecrets({ token: place }, sources)).toThrow(expect.objectContaining({ code: 'E_CONFIG' }));
  expect(() => findSecrets({ secret_credential: 'docker' }, { env: {}, folder })).toThrow(
    /no credentials from systemd/,
  );
  const wrong = () => accepted({ token: [`file:${folder}/**`] }, { token: { secret_file: join(folder, 'wrong') } });
  expect(wrong).toThrow(
    expect.objectContaining({ code: 'E_CONFIG', message: expect.not.stringContaining('a!secret') }),
  );
});
