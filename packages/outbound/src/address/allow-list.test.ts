import { describe, expect, it } from 'vitest';
import { AllowList, isAllowEntry } from './allow-list.ts';
import { parseIp } from './ip-address.ts';

function judged(allow: string[], host: string, address: string, port = 443): string | null {
  const parsed = parseIp(address);
  if (parsed === null) throw new Error(`${address} is no address`);
  return new AllowList(allow).judge({ host, address: parsed, port }, []);
}

describe('what the operator allowed', () => {
  it('a name opens the inner network for that name and port only', () => {
    expect(judged(['git.corp.example'], 'git.corp.example', '10.1.2.3')).toBeNull();
    expect(judged(['git.corp.example'], 'other.corp.example', '10.1.2.3')).toBe('private');
    expect(judged(['git.corp.example'], 'a.git.corp.example', '10.1.2.3')).toBe('private');
    expect(judged(['git.corp.example:8443'], 'git.corp.example', '10.1.2.3')).toBe('private');
    expect(judged(['git.corp.example:8443'], 'git.corp.example', '10.1.2.3', 8443)).toBeNull();
    expect(judged(['Localhost:80'], 'localhost', '127.0.0.1', 80)).toBeNull();
  });

  it('a name never opens what no service of a network is', () => {
    for (const address of ['169.254.169.254', 'fe80::1', '224.0.0.1', '0.0.0.0', '::ffff:10.0.0.1', '2002:a00:1::'])
      expect(judged(['git.corp.example'], 'git.corp.example', address), address).not.toBeNull();
  });

  it('a range or an address opens exactly itself, for every name', () => {
    expect(judged(['10.20.0.0/16'], 'any.example', '10.20.255.255')).toBeNull();
    expect(judged(['10.20.0.0/16'], 'any.example', '10.21.0.0')).toBe('private');
    expect(judged(['169.254.169.254'], 'any.example', '169.254.169.254')).toBeNull();
    expect(judged(['[::1]:9000'], 'any.example', '::1', 9000)).toBeNull();
    expect(judged(['[::1]:9000'], 'any.example', '::1', 9001)).toBe('loopback');
    expect(judged(['127.0.0.1:9000'], 'any.example', '127.0.0.1', 9001)).toBe('loopback');
    // The mapped form is another address, of another version.
    expect(judged(['127.0.0.0/8'], 'any.example', '::ffff:127.0.0.1')).toBe('transition');
  });

  it('refuses what could be read in two ways', () => {
    for (const entry of ['', '*', '*.example', 'a b', 'http://a', 'a/b', 'a:0', 'a:65536', 'a:b', '127.1', '0x7f.1'])
      expect(isAllowEntry(entry), entry).toBe(false);
    for (const entry of ['[a.example]', '[::1]:', '::1:80:', '10.0.0.1/8', '10.0.0.0/8:80', '-a', 'a..b', '1.2.3.4.5'])
      expect(isAllowEntry(entry), entry).toBe(false);
    for (const entry of ['a', 'A.example', 'a_b.example:1', '::1', '[::1]', 'fd00::/8', '1.2.3.4:65535'])
      expect(isAllowEntry(entry), entry).toBe(true);
    expect(() => new AllowList(['*'])).toThrow('outbound.allow: "*": expected a host name');
  });
});
