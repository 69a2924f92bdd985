export { allowEntryForms, isAllowEntry } from './address/allow-list.ts';
export type { Resolve } from './address/resolve.ts';
export { type GuardOptions, guardedFetch, type OutboundFetch, type OutboundInit } from './request/guarded-fetch.ts';
export { parseUrl } from './request/parse-url.ts';
