import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import { type IpAddress, parseIp } from './ip-address.ts';

/** Asks for every address of a host name. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** The machine's own resolver: hosts file, then DNS. */
export const systemResolve: Resolve = async (host) => {
  const found = await lookup(host, { all: true, order: 'verbatim' });
  return found.map(({ address }) => address);
};

/** Addresses of this machine's interfaces now. */
export function ownAddresses(): IpAddress[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .flatMap(({ address }) => parseIp(address) ?? []);
}
