import { expect, it } from 'vitest';
import { PublicAddress } from './public-address.ts';

const settings = { publicUrl: null, passkeyDomain: null, passkeyOrigins: [] };

it('is where the server listens until something is configured; loopback is called localhost', () => {
  const address = new PublicAddress(settings);
  expect(() => address.url).toThrow('does not listen');
  for (const [at, url] of [
    ['http://127.0.0.1:9325', 'http://localhost:9325'],
    ['http://[::1]:80', 'http://localhost'],
    ['http://10.0.0.7:9325', 'http://10.0.0.7:9325'],
  ] as const) {
    address.listensAt(at);
    expect(address.url).toBe(url);
  }
});

it('passkeys belong to a domain: there are none at an address of numbers', () => {
  const address = new PublicAddress(settings);
  address.listensAt('http://127.0.0.1:9325');
  expect(address.relyingParty).toEqual({ id: 'localhost', name: 'Countersign', origins: ['http://localhost:9325'] });
  for (const at of ['http://10.0.0.7:9325', 'http://[fd00::7]:9325']) {
    address.listensAt(at);
    expect(address.relyingParty).toBeNull();
  }
  const configured = new PublicAddress({
    publicUrl: 'https://api.example.com',
    passkeyDomain: 'example.com',
    passkeyOrigins: ['https://app.example.com'],
  });
  expect(configured.relyingParty).toEqual({
    id: 'example.com',
    name: 'Countersign',
    origins: ['https://api.example.com', 'https://app.example.com'],
  });
});
