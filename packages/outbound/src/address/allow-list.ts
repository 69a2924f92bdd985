import { type IpAddress, type IpRange, inRange, parseRange } from './ip-address.ts';
import { type AddressClass, judgeAddress } from './judge-address.ts';

interface AllowedName {
  readonly kind: 'name';
  readonly name: string;
  readonly port: number | null;
}
interface AllowedRange {
  readonly kind: 'range';
  readonly range: IpRange;
  readonly port: number | null;
}
type Allowed = AllowedName | AllowedRange;

const namePattern = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

function portOf(text: string | undefined): number | null | 'bad' {
  if (text === undefined) return null;
  return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535 ? Number(text) : 'bad';
}

function readEntry(entry: string): Allowed | null {
  const whole = parseRange(entry);
  if (whole !== null) return { kind: 'range', range: whole, port: null };
  const bracketed = /^\[([0-9a-f:.]+)\](?::(\d+))?$/i.exec(entry);
  const plain = bracketed ?? /^([^:/[\]]+)(?::(\d+))?$/.exec(entry);
  const host = plain?.[1]?.toLowerCase();
  const port = portOf(plain?.[2]);
  if (host === undefined || port === 'bad') return null;
  const range = parseRange(host);
  if (range !== null) return { kind: 'range', range, port };
  // A name whose last label is a number is an address in disguise to some resolvers.
  return bracketed === null && namePattern.test(host) && !/(^|\.)(\d+|0x[0-9a-f]*)$/.test(host)
    ? { kind: 'name', name: host, port }
    : null;
}

/** Where a request is about to go: the name that was asked for, one address it has, the port. */
export interface Destination {
  readonly host: string;
  readonly address: IpAddress;
  readonly port: number;
}

/** What an entry of the allow list may be, for messages. */
export const allowEntryForms =
  'expected a host name, an address or a range such as 10.20.0.0/16; a name or an address may have a :port';

/** Whether a text can stand in the allow list. */
export function isAllowEntry(entry: string): boolean {
  return readEntry(entry) !== null;
}

// An allowed name opens what an inner network is made of; a machine's metadata service and its like only by address.
const openedByName: ReadonlySet<AddressClass> = new Set(['loopback', 'private', 'shared', 'this host']);

/** The destinations inside one's own network that an operator has named. */
export class AllowList {
  readonly #entries: readonly Allowed[];
  /** Throws for an entry that `isAllowEntry` refuses. */
  constructor(entries: readonly string[]) {
    this.#entries = entries.map((entry) => {
      const read = readEntry(entry);
      if (read === null) throw new Error(`outbound.allow: "${entry}": ${allowEntryForms}`);
      return read;
    });
  }

  /** Why a destination may not be reached; null where it may. */
  judge(destination: Destination, ownAddresses: readonly IpAddress[]): AddressClass | null {
    const judged = judgeAddress(destination.address, ownAddresses);
    if (judged === null) return null;
    const naming = this.#naming(destination);
    return naming.some(({ kind }) => kind === 'range' || openedByName.has(judged)) ? null : judged;
  }

  /** Whether an entry names this destination, by its name or its address: only these are reached without TLS. */
  names(destination: Destination): boolean {
    return this.#naming(destination).length > 0;
  }

  #naming({ host, address, port }: Destination): Allowed[] {
    return this.#entries.filter(
      (entry) =>
        (entry.port === null || entry.port === port) &&
        (entry.kind === 'name' ? entry.name === host : inRange(address, entry.range)),
    );
  }
}
