import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { isIPv4 } from 'node:net';

/** A DNS server on loopback that says for each name what it is told to, and counts how often it is asked. */
export interface NameServer {
  /** Addresses for a name, one list for each look-up; the last repeats. */
  say(name: string, answers: readonly (readonly string[])[]): void;
  /** Asks it for every address of a name, as a resolver does. */
  resolve(name: string): Promise<string[]>;
  readonly asked: () => number;
  close(): void;
}

function readName(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

function bytesOf(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  const last = Buffer.from((dotted?.[2] ?? '').split('.').filter(Boolean).map(Number));
  const text = dotted === null ? address : `${dotted[1]}${last.toString('hex', 0, 2)}:${last.toString('hex', 2)}`;
  const [head = '', tail] = text.split('::');
  const groups = (side: string): string[] => side.split(':').filter((group) => group !== '');
  const first = groups(head);
  const rest = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: 8 - first.length - rest.length }, () => '0');
  return Buffer.from([...first, ...zeros, ...rest].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function record(address: string): Buffer {
  const data = bytesOf(address);
  const head = Buffer.from([0xc0, 0x0c, 0, data.length === 4 ? 1 : 28, 0, 1, 0, 0, 0, 0, 0, data.length]);
  return Buffer.concat([head, data]);
}

/** Starts one on a free port. Every answer may be kept for no time at all. */
export async function startNameServer(): Promise<NameServer> {
  const names = new Map<string, { answers: readonly (readonly string[])[]; lookups: { a: number; aaaa: number } }>();
  let asked = 0;
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    asked += 1;
    const { name, end } = readName(query);
    const kind = query.readUInt16BE(end);
    const known = names.get(name);
    const turn = known === undefined ? 0 : kind === 28 ? known.lookups.aaaa++ : known.lookups.a++;
    const list = known?.answers[Math.min(turn, known.answers.length - 1)] ?? [];
    const found = list.filter((each) => isIPv4(each) === (kind === 1));
    const head = Buffer.alloc(12);
    query.copy(head, 0, 0, 2);
    head.writeUInt16BE(0x8580, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(found.length, 6);
    socket.send(Buffer.concat([head, query.subarray(12, end + 4), ...found.map(record)]), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  return {
    say: (name, answers) => names.set(name.toLowerCase(), { answers, lookups: { a: 0, aaaa: 0 } }),
    async resolve(name) {
      const none = (): string[] => [];
      return (await Promise.all([resolver.resolve4(name).catch(none), resolver.resolve6(name).catch(none)])).flat();
    },
    asked: () => asked,
    close: () => socket.close(),
  };
}
