import type { Grant } from '@countersign/protocol';
import { expect } from 'vitest';
import { Browser, type BrowserAnswer } from './browser.ts';
import type { TestServer } from './open-server.ts';

export const password = 'correct horse battery';

/** A grant of a role everywhere. */
export function everywhere(role: Grant['role']): Grant[] {
  return [{ role, project: '*', environment: '*' }];
}

/** The secret of a new link for a person, made by the administrator's token. */
export async function inviteSecret(
  { admin }: Pick<TestServer, 'admin'>,
  name: string,
  role: Grant['role'],
): Promise<string> {
  const { link } = await admin.client.call('inviteCreate', { body: { name, grants: everywhere(role), groups: [] } });
  return link.split('#invite=')[1] ?? '';
}

/** Somebody who was invited and has signed in by the link. */
export async function joined(
  server: Pick<TestServer, 'admin' | 'url'>,
  name: string,
  role: Grant['role'] = 'approver',
  address?: string,
): Promise<Browser> {
  const browser = new Browser(server.url, address);
  const invite = await inviteSecret(server, name, role);
  const answer = await browser.post('/v1/auth/register', { invite, password });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return browser;
}

/** The code of an error answer; undefined for none. */
export function errorOf({ body }: BrowserAnswer): string | undefined {
  const code: unknown = Object(Object(body).error).code;
  return typeof code === 'string' ? code : undefined;
}

/** Whether a session's cookie opens anything at this server. */
export async function opens(url: string, session: string): Promise<boolean> {
  const browser = new Browser(url);
  browser.cookies.set('__Host-countersign', session);
  return (await browser.get('/v1/whoami')).status === 200;
}
