import { describe, expect, it } from 'vitest';
import { parseIp, parseRange } from './ip-address.ts';
import { type AddressClass, judgeAddress } from './judge-address.ts';

function judged(text: string, own: readonly string[] = []): AddressClass | null {
  const address = parseIp(text);
  if (address === null) throw new Error(`${text} is no address`);
  return judgeAddress(
    address,
    own.map((each) => parseIp(each)).filter((each) => each !== null),
  );
}

describe('what an address is', () => {
  it.each<[AddressClass, string, string]>([
    ['reserved', '0.0.0.0', '0.255.255.255'],
    ['private', '10.0.0.0', '10.255.255.255'],
    ['shared', '100.64.0.0', '100.127.255.255'],
    ['loopback', '127.0.0.0', '127.255.255.255'],
    ['link-local', '169.254.0.0', '169.254.255.255'],
    ['private', '172.16.0.0', '172.31.255.255'],
    ['reserved', '192.0.0.0', '192.0.0.255'],
    ['reserved', '192.0.2.0', '192.0.2.255'],
    ['transition', '192.88.99.0', '192.88.99.255'],
    ['private', '192.168.0.0', '192.168.255.255'],
    ['reserved', '198.18.0.0', '198.19.255.255'],
    ['reserved', '198.51.100.0', '198.51.100.255'],
    ['reserved', '203.0.113.0', '203.0.113.255'],
    ['multicast', '224.0.0.0', '239.255.255.255'],
    ['reserved', '240.0.0.0', '255.255.255.255'],
    ['metadata', '168.63.129.16', '168.63.129.16'],
    ['transition', '::', '::'],
    ['loopback', '::1', '::1'],
    ['transition', '::7f00:1', '::ffff:ffff'],
    ['transition', '::ffff:0.0.0.0', '::ffff:255.255.255.255'],
    ['transition', '64:ff9b::7f00:1', '64:ff9b::7fff:ffff'],
    ['transition', '64:ff9b:1::', '64:ff9b:1:ffff:ffff:ffff:ffff:ffff'],
    ['transition', '2001::', '2001:0:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['reserved', '2001:1::', '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['reserved', '2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['transition', '2002::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['reserved', '3fff::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['private', 'fc00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['link-local', 'fe80::', 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['reserved', 'fec0::', 'feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['multicast', 'ff00::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['reserved', '100::', '100::ffff:ffff:ffff:ffff'],
    ['reserved', '4000::', 'fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ])('%s from %s to %s', (kind, first, last) => {
    expect([judged(first), judged(last)]).toEqual([kind, kind]);
  });

  it.each([
    ['1.0.0.0', '9.255.255.255'],
    ['11.0.0.0', '100.63.255.255'],
    ['100.128.0.0', '126.255.255.255'],
    ['128.0.0.0', '169.253.255.255'],
    ['169.255.0.0', '172.15.255.255'],
    ['172.32.0.0', '191.255.255.255'],
    ['192.169.0.0', '198.17.255.255'],
    ['203.0.114.0', '223.255.255.255'],
    ['2000::', '2000:ffff::'],
    ['2001:200::', '2001:db7:ffff::'],
    ['2003::', '3ffe:ffff::'],
    ['64:ff9b::8.8.8.8', '64:ff9b::1.0.0.0'],
  ])('of the internet from %s to %s', (first, last) => {
    expect([judged(first), judged(last)]).toEqual([null, null]);
  });

  it('an address of this machine is this host, whatever else it could be', () => {
    expect(judged('8.8.8.8', ['8.8.8.8'])).toBe('this host');
    expect(judged('2600::1', ['2600:0::1'])).toBe('this host');
    expect(judged('8.8.4.4', ['8.8.8.8'])).toBeNull();
  });
});

describe('reading addresses', () => {
  it('takes the usual form only', () => {
    for (const text of ['fe80::1%lo', '127.1', '0x7f.0.0.1', '2130706433', '0177.0.0.1', '1.2.3.4 ', '', '::1::', 'a'])
      expect(parseIp(text), text).toBeNull();
    expect(parseIp('::ffff:1.2.3.4')).toEqual({ version: 6, value: 0xffff01020304n });
    expect(parseIp('1:2:3:4:5:6:7:8')?.value).toBe(0x00010002000300040005000600070008n);
    expect(parseIp('1::')?.value).toBe(1n << 112n);
  });

  it('takes ranges whose start is theirs', () => {
    expect(parseRange('10.20.0.0/16')).toEqual({ version: 4, value: 0x0a140000n, prefix: 16 });
    expect(parseRange('::1')).toEqual({ version: 6, value: 1n, prefix: 128 });
    expect(parseRange('::/0')?.prefix).toBe(0);
    for (const text of ['10.20.0.1/16', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/08', '10.0.0.0/8/8', 'a/8', '::/129'])
      expect(parseRange(text), text).toBeNull();
  });
});
