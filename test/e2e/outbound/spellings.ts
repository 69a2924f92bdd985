import type { Random } from '../../digest-mutants/random.ts';

/** One way to ask for a loopback address. */
export interface Form {
  readonly kind: string;
  readonly url: string;
  /** Addresses that the name in the URL has, one list for each look-up; the last repeats. */
  readonly answers: readonly (readonly string[])[];
}

const hex = (value: number): string => value.toString(16);
type Octets = readonly [number, number, number, number];

/** A number as one part of an IPv4 address can be written. */
function part(value: number, random: Random): string {
  const written = [
    String(value),
    `0${value.toString(8)}`,
    `0x${hex(value)}`,
    `0X${hex(value).toUpperCase()}`,
    `0x00${hex(value)}`,
  ];
  return written[random.below(written.length)] ?? String(value);
}

/** All four octets, or the last two, three or four taken together, each in decimal, octal or hex. */
function ipv4(octets: Octets, random: Random): string {
  const [a, b, c, d] = octets;
  const parts = [
    [a, b, c, d],
    [a, b, c * 256 + d],
    [a, b * 65_536 + c * 256 + d],
    [((a * 256 + b) * 256 + c) * 256 + d],
  ];
  return (parts[random.below(4)] ?? octets).map((value) => part(value, random)).join('.');
}

function loopback(random: Random): Octets {
  const pick = random.below(4);
  if (pick === 0) return [127, 0, 0, 1];
  if (pick === 1) return [0, 0, 0, 0];
  return [127, random.below(256), random.below(256), 1 + random.below(254)];
}

const groups = ([a, b, c, d]: Octets): [string, string] => [hex(a * 256 + b), hex(c * 256 + d)];

/** IPv6 addresses that carry an IPv4 one, and loopback itself. */
const ipv6: Readonly<Record<string, (octets: Octets) => string>> = {
  loopback6: () => '::1',
  'loopback6 written out': () => '0:0:0:0:0:0:0:1',
  'loopback6 with zeros': () => '0000:0000:0000:0000:0000:0000:0000:0001',
  unspecified6: () => '::',
  'mapped, dotted': (octets) => `::ffff:${octets.join('.')}`,
  'mapped, hex': (octets) => `::ffff:${groups(octets).join(':')}`,
  'mapped, written out': (octets) => `0:0:0:0:0:FFFF:${groups(octets).join(':')}`,
  compatible: (octets) => `::${octets.join('.')}`,
  translated: (octets) => `::ffff:0:${groups(octets).join(':')}`,
  NAT64: (octets) => `64:ff9b::${octets.join('.')}`,
  'NAT64, local': (octets) => `64:ff9b:1::${groups(octets).join(':')}`,
  '6to4': (octets) => `2002:${groups(octets).join(':')}::1`,
  Teredo: ([a, b, c, d]) => `2001:0:4136:e378:8000:63bf:${groups([255 - a, 255 - b, 255 - c, 255 - d]).join(':')}`,
  ISATAP: (octets) => `fe80::5efe:${groups(octets).join(':')}`,
};

const tricks: Readonly<Record<string, (host: string, port: number) => string>> = {
  'user info': (host, port) => `http://example.invalid@${host}:${port}/`,
  'user info and password': (host, port) => `http://example.invalid:80@${host}:${port}/`,
  backslash: (host, port) => `http://example.invalid\\@${host}:${port}/`,
  'backslashes for slashes': (host, port) => `http:\\\\${host}:${port}\\`,
  'no slashes': (host, port) => `http:${host}:${port}/`,
  'one slash': (host, port) => `http:/${host}:${port}/`,
  'three slashes': (host, port) => `http:///${host}:${port}/`,
  'upper case': (host, port) => `HTTP://${host.toUpperCase()}:${port}/`,
  'spaces around': (host, port) => `  http://${host}:${port}/ `,
  'a tab inside': (host, port) => `http://${host.slice(0, 2)}\t${host.slice(2)}:${port}/`,
  'a line break inside': (host, port) => `ht\ntp://${host}:${port}/`,
  'a dot at the end': (host, port) => `http://${host}.:${port}/`,
  'percent signs': (host, port) =>
    `http://${[...host].map((each) => `%${each.charCodeAt(0).toString(16)}`).join('')}:${port}/`,
  'full-width': (host, port) =>
    `http://${[...host].map((each) => (/[0-9]/.test(each) ? String.fromCodePoint(0xff10 + Number(each)) : each)).join('')}:${port}/`,
  'ideographic dots': (host, port) => `http://${host.replaceAll('.', '\u3002')}:${port}/`,
  'circled digits': (host, port) =>
    `http://${host.replace(/[1-9]/g, (digit) => String.fromCodePoint(0x245f + Number(digit)))}:${port}/`,
  'a soft hyphen': (host, port) => `http://${host.slice(0, 1)}\u00ad${host.slice(1)}:${port}/`,
  'zeros before the port': (host, port) => `http://${host}:0${port}/`,
  'a path that looks like a host': (host, port) => `http://${host}:${port}/@example.invalid/#example.invalid`,
};

const names = ['localhost', 'LOCALHOST', 'LocalHost', 'localhost.', 'localhost.localdomain', 'ip6-localhost'];

function entryOf<T>(table: Readonly<Record<string, T>>, random: Random): [string, T] {
  const entries = Object.entries(table);
  const found = entries[random.below(entries.length)];
  if (found === undefined) throw new Error('an empty table');
  return found;
}

/** A literal that leads to loopback, in one of its spellings. */
function literal(port: number, random: Random): Form {
  const octets = loopback(random);
  const pick = random.below(4);
  if (pick === 0) return { kind: 'IPv4 spelling', url: `http://${ipv4(octets, random)}:${port}/`, answers: [] };
  if (pick === 1) {
    const [kind, spell] = entryOf(ipv6, random);
    return { kind, url: `http://[${spell(octets)}]:${port}/`, answers: [] };
  }
  if (pick === 2) {
    const [kind, write] = entryOf(tricks, random);
    return { kind, url: write(octets.join('.'), port), answers: [] };
  }
  const name = names[random.below(names.length)] ?? 'localhost';
  return { kind: 'a name of the machine', url: `http://${name}:${port}/`, answers: [] };
}

/** Addresses as a resolver may give them. */
function address(random: Random): string {
  const octets = loopback(random);
  return random.below(2) === 0 ? octets.join('.') : entryOf(ipv6, random)[1](octets);
}

/** A name whose resolver answers loopback at once, among public addresses, or only when it is asked again. */
function named(ports: Ports, random: Random): Form {
  const name = `n${random.below(1e9)}.test`;
  const pick = random.below(3);
  const inner = address(random);
  if (pick === 0) return { kind: 'a name of loopback', url: `http://${name}:${ports.victim}/`, answers: [[inner]] };
  const mixed = random.below(2) === 0 ? ['93.184.215.14', inner] : [inner, '93.184.215.14'];
  if (pick === 1) return { kind: 'a name of both', url: `http://${name}:${ports.victim}/`, answers: [mixed] };
  // What is asked first is an address that may be reached; the next look-up says loopback, on the same port.
  return { kind: 'rebinding', url: `http://${name}:${ports.front}/`, answers: [['127.0.0.2'], ['127.0.0.1']] };
}

/** Ports of the test: `victim` on every loopback address, `front` allowed on 127.0.0.2 and forbidden on 127.0.0.1. */
export interface Ports {
  readonly victim: number;
  readonly front: number;
}

/** One form at random. A redirect comes from the front, which may be called. */
export function someForm(ports: Ports, random: Random): Form {
  const pick = random.below(10);
  if (pick < 5) return literal(ports.victim, random);
  if (pick < 8) return named(ports, random);
  const to = random.below(3) === 0 ? named(ports, random) : literal(ports.victim, random);
  const status = [301, 302, 303, 307, 308][random.below(5)] ?? 302;
  const query = `status=${status}&to=${encodeURIComponent(to.url)}`;
  return { kind: `redirect ${status}`, url: `http://127.0.0.2:${ports.front}/?${query}`, answers: to.answers };
}
