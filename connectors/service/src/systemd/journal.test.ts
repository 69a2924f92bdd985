import { expect, it } from 'vitest';
import { readEntry } from './journal.ts';

it('reads an entry with its time to the microsecond', () => {
  const line =
    '{"MESSAGE":"ERROR something","__CURSOR":"s=ea22;i=4b","__REALTIME_TIMESTAMP":"1795905342874050","_BOOT_ID":"dadb1b65e0464530af23861e9589cd6b","__MONOTONIC_TIMESTAMP":"27478259248"}';
  expect(readEntry(line)).toEqual({ channel: 'stdout', time: '2026-11-28T22:35:42.874050Z', text: 'ERROR something' });
});

it.each([
  ['bytes that are no text', '{"MESSAGE":[104,105,255],"__REALTIME_TIMESTAMP":"1000000"}', 'hi\ufffd'],
  ['a field that was too large', '{"MESSAGE":null,"__REALTIME_TIMESTAMP":"1000000"}', '[no text]'],
  ['an entry without text', '{"__REALTIME_TIMESTAMP":"1000000"}', '[no text]'],
])('%s', (_what, line, text) => {
  expect(readEntry(line)).toMatchObject({ time: '1970-01-01T00:00:01.000000Z', text });
});

it.each(['-- No entries --', '{"MESSAGE":"cut', '{"MESSAGE":"no time"}', ''])('%s is no entry', (line) => {
  expect(readEntry(line)).toBeUndefined();
});
