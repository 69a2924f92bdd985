import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { offeredHostKeys } from './host-key-algorithms.ts';
import { knownKeys } from './known-hosts.ts';

const key = (name: string): string => Buffer.from(name).toString('base64');
const names = (text: string, host: string, port = 22) =>
  knownKeys(text, host, port).accepted.map((each) => each.toString());

function hashed(name: string): string {
  const salt = Buffer.from('a salt of twenty byte');
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

describe('known_hosts', () => {
  it('finds keys by name, address, wildcard and port', () => {
    const text = [
      '# a comment',
      '',
      `web,10.0.0.1 ssh-ed25519 ${key('web')} a comment`,
      `*.example.org,!bad.example.org ssh-rsa ${key('all')}`,
      `[web]:2222 ssh-ed25519 ${key('other port')}`,
      'broken',
    ].join('\n');
    expect(names(text, 'web')).toEqual(['web']);
    expect(names(text, 'WEB')).toEqual(['web']);
    expect(names(text, '10.0.0.1')).toEqual(['web']);
    expect(names(text, 'a.example.org')).toEqual(['all']);
    expect(names(text, 'bad.example.org')).toEqual([]);
    expect(names(text, 'web', 2222)).toEqual(['other port']);
    expect(names(text, 'we')).toEqual([]);
    expect(names(text, 'axexampleyorg')).toEqual([]);
  });

  it('finds hashed names', () => {
    const text = `${hashed('web')} ssh-ed25519 ${key('web')}\n${hashed('[web]:2222')} ssh-ed25519 ${key('port')}\n`;
    expect([names(text, 'web'), names(text, 'web', 2222), names(text, 'db')]).toEqual([['web'], ['port'], []]);
  });

  it('never accepts a revoked key, nor what a certificate authority signed', () => {
    const text = `web ssh-rsa ${key('a')}\nweb ssh-rsa ${key('b')}\n@revoked * ssh-rsa ${key('a')}\n@cert-authority web ssh-rsa ${key('c')}\n`;
    expect(names(text, 'web')).toEqual(['b']);
  });

  it('asks for the types that are known, and for no SHA-1', () => {
    const { types } = knownKeys(`h ssh-rsa ${key('a')}\nh ssh-ed25519 ${key('b')}\n`, 'h', 22);
    expect(offeredHostKeys(types)).toEqual(['ssh-ed25519', 'rsa-sha2-512', 'rsa-sha2-256']);
    expect(offeredHostKeys(['ssh-dss'])).toEqual([]);
  });
});
