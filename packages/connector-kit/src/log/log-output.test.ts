import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Channel, LogLine } from './log-line.ts';
import { LogOutput } from './log-output.ts';

function open(outputCapBytes: number, accept: (said: string) => boolean = () => true) {
  const said: { channel: string; text: string }[] = [];
  const context = {
    signal: new AbortController().signal,
    outputCapBytes,
    output: async (channel: string, text: string) => {
      said.push({ channel, text });
      return accept(said.map((each) => each.text).join(''));
    },
    progress: () => undefined,
  };
  return { output: new LogOutput(context, false), said };
}

const line = (text: string, channel: Channel = 'stdout'): LogLine => ({ channel, time: undefined, text });
const lines = fc.array(
  fc.record({ channel: fc.constantFrom<Channel>('stdout', 'stderr'), text: fc.string({ unit: 'grapheme' }) }),
  { maxLength: 10 },
);

it('keeps as many bytes as the cap lets it, and streams the line whole at which it cuts: whoever caps the stream says so', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(lines, { maxLength: 5 }), fc.nat(200), async (batches, capBytes) => {
      const { output, said } = open(capBytes);
      for (const batch of batches)
        if (!(await output.add(batch.map(({ channel, text }) => line(text, channel))))) break;
      const whole = Buffer.from(batches.flatMap((batch) => batch.map(({ text }) => `${text}\n`)).join(''));
      const content = Buffer.from(output.content());
      expect(content.equals(whole.subarray(0, content.length))).toBe(true);
      expect(output.truncated).toBe(whole.length > capBytes);
      const streamed = Buffer.from(said.map(({ text }) => text).join(''));
      expect(streamed.equals(whole.subarray(0, streamed.length))).toBe(true);
      expect(streamed.length > capBytes).toBe(output.truncated);
      expect(output.sizeBytes).toBe(content.length);
    }),
  );
});

it('counts the lines of which something is kept, and goes no further than the one at which it cuts', async () => {
  const { output, said } = open(12);
  expect(await output.add([line('12345'), line('12345678', 'stderr'), line('never')])).toBe(false);
  expect(Buffer.from(output.content()).toString()).toBe('12345\n123456');
  expect(said.map(({ text }) => text)).toEqual(['12345\n', '12345678\n']);
  expect(output.summary.toJson()).toMatchObject({ lines: 2, stdout_lines: 1, stderr_lines: 1 });
});

it('takes nothing more once its stream takes nothing', async () => {
  const { output } = open(1000, (said) => said.length < 10);
  expect(await output.add([line('1234')])).toBe(true);
  expect(await output.add([line('56789')])).toBe(false);
  expect(output.truncated).toBe(true);
});
