import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type ChangeWindow, ChangeWindows, isTimeZone, weekdays } from './change-windows.ts';

const prod = { project: 'shop', environment: 'prod' };
const minutes = (hour: number, minute = 0) => hour * 60 + minute;
const office: ChangeWindow = {
  ...prod,
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  fromMinute: minutes(9),
  toMinute: minutes(17),
  timeZone: 'Europe/Berlin',
};
const at = (text: string) => Date.parse(text);
const open = (text: string, ...windows: ChangeWindow[]) => new ChangeWindows(windows).isOpen(prod, at(text));

it('is open from its first minute to before its last, by the clocks of its zone, in summer and in winter', () => {
  expect(open('2026-11-30T08:59:59+01:00', office)).toBe(false);
  expect(open('2026-11-30T09:00:00+01:00', office)).toBe(true);
  expect(open('2026-11-30T16:59:59+01:00', office)).toBe(true);
  expect(open('2026-11-30T17:00:00+01:00', office)).toBe(false);
  expect(open('2026-07-01T07:00:00Z', office)).toBe(true);
  expect(open('2026-12-01T07:00:00Z', office)).toBe(false);
});

it('is shut on other days', () => {
  expect(open('2026-11-28T12:00:00+01:00', office)).toBe(false);
  expect(open('2026-11-29T12:00:00+01:00', office)).toBe(false);
});

it('one that ends before it begins ends on the day after, and belongs to the day on which it begins', () => {
  const night: ChangeWindow = { ...office, days: ['fri'], fromMinute: minutes(22), toMinute: minutes(2) };
  expect(open('2026-11-27T21:59:00+01:00', night)).toBe(false);
  expect(open('2026-11-27T22:00:00+01:00', night)).toBe(true);
  expect(open('2026-11-28T01:59:00+01:00', night)).toBe(true);
  expect(open('2026-11-28T02:00:00+01:00', night)).toBe(false);
  expect(open('2026-11-27T01:00:00+01:00', night)).toBe(false);
  const sunday: ChangeWindow = { ...night, days: ['sun'] };
  expect(open('2026-11-30T01:00:00+01:00', sunday)).toBe(true);
  const whole: ChangeWindow = { ...office, days: ['sat'], fromMinute: 0, toMinute: 0 };
  expect(open('2026-11-28T00:00:00+01:00', whole)).toBe(true);
  expect(open('2026-11-28T23:59:00+01:00', whole)).toBe(true);
  expect(open('2026-11-29T00:00:00+01:00', whole)).toBe(false);
});

it('the hour that a spring night skips is never, the one that an autumn night has twice is open twice', () => {
  const early: ChangeWindow = { ...office, days: ['sun'], fromMinute: minutes(2), toMinute: minutes(3) };
  expect(open('2026-03-29T00:59:00Z', early)).toBe(false);
  expect(open('2026-03-29T01:00:00Z', early)).toBe(false);
  expect(open('2026-10-25T00:30:00Z', early)).toBe(true);
  expect(open('2026-10-25T01:30:00Z', early)).toBe(true);
  expect(open('2026-10-25T02:00:00Z', early)).toBe(false);
});

it('holds for its place, and a place without any is always open', () => {
  const shut = at('2026-11-29T12:00:00+01:00');
  const windows = new ChangeWindows([office, { ...office, environment: '*', project: 'bank' }]);
  expect(windows.isOpen(prod, shut)).toBe(false);
  expect(windows.isOpen({ project: 'shop', environment: 'dev' }, shut)).toBe(true);
  expect(windows.isOpen({ project: 'bank', environment: 'dev' }, shut)).toBe(false);
  const both = [office, { ...office, days: [...weekdays], fromMinute: minutes(12), toMinute: minutes(13) }];
  expect(new ChangeWindows(both).isOpen(prod, shut)).toBe(true);
});

it('in UTC it is what counting says, at any time', () => {
  const spans = fc.tuple(fc.nat(1439), fc.nat(1439), fc.subarray([...weekdays], { minLength: 1 }));
  const seen = new Set<boolean>();
  fc.assert(
    fc.property(spans, fc.nat(20_000), fc.nat(1439), ([from, to, days], dayNumber, minute) => {
      const window: ChangeWindow = { ...prod, days, fromMinute: from, toMinute: to, timeZone: 'UTC' };
      // The epoch began on a Thursday.
      const begins = (day: number) => days.includes(weekdays[(((day + 3) % 7) + 7) % 7] ?? 'mon');
      const length = from < to ? to - from : to - from + 1440;
      const within = [dayNumber, dayNumber - 1].some((day) => {
        const since = (dayNumber - day) * 1440 + minute - from;
        return begins(day) && since >= 0 && since < length;
      });
      const told = new ChangeWindows([window]).isOpen(prod, (dayNumber * 1440 + minute) * 60_000);
      seen.add(told);
      expect(told).toBe(within);
    }),
    { numRuns: 1000 },
  );
  expect([...seen].sort()).toEqual([false, true]);
});

it('knows time zones by name', () => {
  expect(['Europe/Berlin', 'UTC', 'America/New_York'].map(isTimeZone)).toEqual([true, true, true]);
  expect(['Europe/Nowhere', '', 'CET5', '../etc'].map(isTimeZone)).toEqual([false, false, false, false]);
});
