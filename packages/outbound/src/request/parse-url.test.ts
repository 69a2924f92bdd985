import { describe, expect, it } from 'vitest';
import { hostOf, parseLocation, parseUrl, portOf } from './parse-url.ts';

describe('addresses to call', () => {
  it.each([
    'https://example.com',
    'https://example.com/',
    'https://example.com:8443/a?b=c',
    'https://example.com:443/',
    'http://example.com:80/',
    'https://xn--bcher-kva.example/',
    'https://[2600::1]:8443/x',
    'https://192.0.43.8/%2fa',
  ])('takes %s', (text) => {
    expect(parseUrl(text).href.startsWith(text.replace(/:(443|80)(?=\/)/, ''))).toBe(true);
  });

  it.each([
    'example.com',
    '//example.com/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'https:/example.com/',
    'https:example.com',
    'HTTPS://example.com/',
    'https://EXAMPLE.com/',
    'https://example.com./',
    'https://user@example.com/',
    'https://user:secret@example.com/',
    'https://example.com\\@127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://127.0.0.1%2f/',
    'https://%31%32%37.0.0.1/',
    'https://１２７.0.0.1/',
    'https://bücher.example/',
    'https://exam\tple.com/',
    ' https://example.com/',
    'https://example.com/ ',
    'https://example.com/\n',
    'https://[::1%25lo]/',
    'https://[0:0:0:0:0:0:0:1]/',
    'https://[::127.0.0.1]/',
    'https://example.com:/',
    'https://example.com:0443/',
    'https://example.com:70000/',
    'https:///example.com/',
  ])('refuses %j', (text) => {
    expect(() => parseUrl(text)).toThrow(expect.objectContaining({ code: 'E_OUTBOUND_REFUSED' }));
  });

  it('refuses what is very long', () => {
    expect(() => parseUrl(`https://example.com/${'a'.repeat(5000)}`)).toThrow('is longer than 4096');
  });

  it('repeats nothing that may be secret', () => {
    for (const text of ['https://ada:hunter2@example.com/', 'https://EXAMPLE.com/?key=hunter2', 'hunter2'])
      expect(() => parseUrl(text)).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
      );
  });

  it('follows a redirect relative to where it came from, to the web only', () => {
    const from = parseUrl('https://example.com/a/b');
    expect(parseLocation('../c', from).href).toBe('https://example.com/c');
    expect(parseLocation('//other.example/c', from).href).toBe('https://other.example/c');
    for (const location of [
      'file:///etc/passwd',
      'javascript:1',
      'https://a@other.example/',
      'https://other.example./',
    ])
      expect(() => parseLocation(location, from), location).toThrow();
  });

  it('tells host and port', () => {
    const at = (text: string) => [hostOf(new URL(text)), portOf(new URL(text))];
    expect(at('https://[::1]/')).toEqual(['::1', 443]);
    expect(at('http://a/')).toEqual(['a', 80]);
    expect(at('http://a:81/')).toEqual(['a', 81]);
  });
});
