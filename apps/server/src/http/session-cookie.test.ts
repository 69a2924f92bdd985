import { expect, it } from 'vitest';
import { endedCookieText, sessionCookieOf, sessionCookieText } from './session-cookie.ts';

it('the cookie is bound to host and TLS, unreadable to scripts, and as strict as its mode lets it be (OA-6)', () => {
  const common = '__Host-countersign=abc; Path=/; Max-Age=90; Secure; HttpOnly';
  expect(sessionCookieText('abc', 'same_origin', 90_999)).toBe(`${common}; SameSite=Strict`);
  expect(sessionCookieText('abc', 'same_site', 90_999)).toBe(`${common}; SameSite=Lax`);
  expect(sessionCookieText('abc', 'cross_site', 90_999)).toBe(`${common}; SameSite=None; Partitioned`);
  expect(endedCookieText('same_origin')).toBe(
    '__Host-countersign=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict',
  );
});

it('is found among others by its whole name', () => {
  expect(sessionCookieOf('a=1; __Host-countersign=x.y-z_; b=2')).toBe('x.y-z_');
  for (const header of [
    undefined,
    '',
    'a=1',
    '__Host-countersign',
    '__Host-countersign=',
    'x__Host-countersign=1',
    '__host-countersign=1',
  ]) {
    expect(sessionCookieOf(header), header).toBeUndefined();
  }
});
