import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createScrubber, createTargetScrubber } from './scrubber.ts';

const body = ['TUlJRXZRSUJBREFOQmdrcWhraUc5dzBC', 'QVFFRkFBU0NCS2N3Z2dTakFnRUFBb0lC', 'c2hvcnQ='];
const key = ['-----BEGIN RSA PRIVATE KEY-----', ...body, '-----END RSA PRIVATE KEY-----'];
const scrubber = createTargetScrubber([]);

function expectHidden(shown: string, text: string, secrets: readonly string[] = body): void {
  for (const secret of secrets) expect(shown).not.toContain(secret);
  expect(shown.split('\n')).toHaveLength(text.split('\n').length);
}

describe('a patch keeps its lines and shows no private key', () => {
  const signed = (sign: string, lines: readonly string[]) => lines.map((line) => sign + line);
  it.each<[string, string[]]>([
    ['that is added', ['@@ -0,0 +1,5 @@', ...signed('+', key)]],
    ['that is replaced', ['@@ -1,5 +1,5 @@', ...signed('-', key), ...signed('+', key)]],
    ['between lines that stay', [' a', ` ${key[0]}`, ...signed('-', body), ...signed('+', body), ` ${key[4]}`, ' b']],
    ['whose first line is not shown', ['@@ -9,3 +9,4 @@', ...signed(' ', body), `+${key[4]}`]],
    ['whose last line is not shown', [`+${key[0]}`, ...signed('+', body), '@@ -90,2 +95,2 @@', ' plain text']],
    ['that is indented', signed('+    ', key)],
    ['behind a time', signed('2026-01-01T00:00:00Z ', key)],
  ])('%s', (_what, lines) => {
    const text = lines.join('\n');
    const shown = scrubber.text(text);
    expectHidden(shown, text);
    for (const [index, line] of shown.split('\n').entries()) {
      if (/^@@/.test(lines[index] ?? '') || lines[index] === ' plain text') expect(line).toBe(lines[index]);
      if (/^[-+ @]/.test(lines[index] ?? '')) expect(line[0]).toBe(lines[index]?.[0]);
    }
  });

  it('nor the old password beside the new one', () => {
    const shown = scrubber.text(
      '@@ -1 +1 @@ api_key: heading-of-hunk\n-password=old-hunter22\n+password=new-hunter22\n',
    );
    expect(shown).toBe('@@ -1 +1 @@ api_key: [secret]\n-password=[secret]\n+password=[secret]\n');
  });

  it('nor a value on the line below its name as part of it', () => {
    expect(scrubber.text('+password:\n+  replicas-3\n')).toBe('+password:\n+  replicas-3\n');
  });
});

describe('a stream', () => {
  const pieces = fc.constantFrom('plain ', 'password=', 'hunter2-hunter2', '\n', 'AKIAIOSFODNN7EXAMPLE', ...key);
  it('shows the same wherever it is cut, as many lines as came, and no credential', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 20 }), fc.array(fc.nat(12), { maxLength: 30 }), (parts, cuts) => {
        const text = `${key.join('\n')}\n${parts.join('')}`;
        const stream = scrubber.stream();
        let rest = text;
        let shown = '';
        for (const cut of cuts) {
          shown += stream.push(rest.slice(0, cut));
          rest = rest.slice(cut);
        }
        shown += stream.push(rest) + stream.end();
        const whole = scrubber.stream();
        expect(shown).toBe(whole.push(text) + whole.end());
        expectHidden(shown, text, []);
        expect(shown).not.toContain('password=hunter2');
      }),
    );
  });

  it('holds a line without end back only so far, and cuts no credential in two', () => {
    for (let before = 14_000; before < 14_600; before += 7) {
      const text = `${'x '.repeat(before / 2)}password=hunter2-hunter2 ${'y '.repeat(12_000)}`;
      const stream = scrubber.stream();
      let shown = '';
      for (let at = 0; at < text.length; at += 100) {
        shown += stream.push(text.slice(at, at + 100));
        expect(at + 100 - shown.length).toBeLessThan(20_000);
      }
      shown += stream.end();
      expect(shown).toBe(text.replace('hunter2-hunter2', '[secret]'));
    }
  });

  it('hides every line of a known secret, also the short ones, wherever it is cut', () => {
    const secret = 'a first line that is long\nshort1\na last line that is long';
    const text = `before ${secret} after`;
    for (let cut = 0; cut <= text.length; cut += 1) {
      const stream = createScrubber([secret]).stream();
      const shown = stream.push(text.slice(0, cut)) + stream.push(text.slice(cut)) + stream.end();
      expect(shown).toBe('before [secret]\n[secret]\n[secret] after');
    }
  });

  it('takes time by its length, not by how many credentials it holds', () => {
    const text = Array.from({ length: 20_000 }, (_, index) => `password=hunter2-${index}`).join('\n');
    const started = performance.now();
    expect(scrubber.text(text)).not.toContain('hunter2');
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

it('a credential is found in JSON that stands in JSON', () => {
  expect(scrubber.text(JSON.stringify({ log: JSON.stringify({ password: 'hunter2-hunter2' }) }))).not.toContain(
    'hunter2',
  );
});
