import type { SignInRoom } from '@countersign/kernel';
import { addressKey } from './attempt-limits.ts';

/** Whose a half-finished sign-in is, and how much room they have: whoever begins too many loses their own oldest, and nobody else's. */
export interface SignInOwner {
  readonly owner: string;
  readonly room: SignInRoom;
}

/** Somebody unknown: an address begins fewer in the time that one is good for than it has room for. */
export function addressOwner(address: string): SignInOwner {
  return { owner: `address:${addressKey(address)}`, room: { perOwner: 400, total: 10_000 } };
}

/** A person, of whom one or two are under way. */
export function personOwner(personId: string): SignInOwner {
  return { owner: `person:${personId}`, room: { perOwner: 20, total: 10_000 } };
}

/** A bearer token; each of its codes is a file on the host. */
export function tokenOwner(tokenId: string): SignInOwner {
  return { owner: `token:${tokenId}`, room: { perOwner: 5, total: 1000 } };
}
