import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '@countersign/testing';
import { expect, test } from 'vitest';
import { bearerToken, serverUrl } from './settings.ts';

test('the address: option, environment, port, default', () => {
  const url = (env: Record<string, string>, option?: string) => serverUrl({ env, cwd: '/' }, option);
  expect(url({ COUNTERSIGN_SERVER: 'http://a' }, 'http://b')).toBe('http://b');
  expect(url({ COUNTERSIGN_SERVER: 'http://a', COUNTERSIGN_PORT: '1' })).toBe('http://a');
  expect(url({ COUNTERSIGN_PORT: '1' })).toBe('http://127.0.0.1:1');
  expect(url({})).toBe('http://127.0.0.1:9325');
});

test('the token: file, environment, then the administrator’s, which never leaves this machine by itself', async () => {
  const cwd = tempFolder();
  mkdirSync(join(cwd, '.countersign'));
  writeFileSync(join(cwd, '.countersign/admin.token'), 'admin\n');
  writeFileSync(join(cwd, 'own'), ' own \n');
  const token = (env: Record<string, string>, file: string | undefined, url: string) =>
    bearerToken({ env, cwd }, file, url);
  expect(await token({ COUNTERSIGN_TOKEN: 'env' }, 'own', 'http://127.0.0.1:1')).toBe('own');
  expect(await token({ COUNTERSIGN_TOKEN: 'env' }, undefined, 'https://far.example')).toBe('env');
  for (const near of ['http://127.0.0.1:9325', 'http://localhost', 'http://[::1]:1'])
    expect(await token({}, undefined, near)).toBe('admin');
  for (const far of ['https://far.example', 'http://127.0.0.1.far.example', 'http://10.0.0.1'])
    expect(await token({}, undefined, far)).toBeNull();
  await expect(token({}, 'absent', 'http://localhost')).rejects.toMatchObject({ code: 'E_VALIDATION' });
});
