import { expect, it } from 'vitest';
import { refuseClearedLog } from './cleared-log.ts';

const subject = { pod: 'web-1', container: 'main' };
const line = (text: string, time?: string) => ({ channel: 'stdout' as const, time, text });
const sentence = 'unable to retrieve container logs for docker://1f0c';

it("a kubelet's sentence in place of a log is an error that says what to do (DO-6)", () => {
  expect(() => refuseClearedLog([line(sentence)], subject)).toThrow(
    expect.objectContaining({
      code: 'E_TARGET_MISSING',
      effect: 'none',
      detail: { ...subject, kubelet_message: sentence, next: expect.stringContaining('the one that runs now') },
    }),
  );
});

it.each([
  ['a program that says it', [line(sentence, '2026-01-02T03:04:05.000000006Z')]],
  ['more than it', [line(sentence), line('another')]],
  ['something else', [line(`${sentence} and more`)]],
  ['nothing', []],
])('%s is a log', (_what, lines) => {
  expect(() => refuseClearedLog(lines, subject)).not.toThrow();
});
