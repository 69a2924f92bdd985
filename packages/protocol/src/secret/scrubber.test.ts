import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findSecrets } from './find-secrets.ts';
import { scrubMark } from './scrub-mark.ts';
import { createScrubber, createTargetScrubber } from './scrubber.ts';
import { Secret } from './secret.ts';
import { secretForms } from './secret-forms.ts';

const canary = 'c4n4ry+/ s3cret:%value';

describe('scrubber', () => {
  it('removes every spelling, at every base64 alignment', () => {
    const scrubber = createScrubber([canary]);
    const spellings = [
      canary,
      encodeURIComponent(canary),
      Buffer.from(canary).toString('hex'),
      Buffer.from(canary).toString('hex').toUpperCase(),
      ...['', 'x', 'xy', 'xyz'].flatMap((before) => [
        Buffer.from(`${before}${canary}tail`).toString('base64'),
        Buffer.from(`${before}${canary}tail`).toString('base64url'),
      ]),
    ];
    for (const spelling of spellings) {
      const shown = scrubber.text(`a ${spelling} z`);
      expect(shown).toContain(scrubMark);
      for (const form of secretForms(canary)) expect(shown).not.toContain(form);
    }
  });

  it('knows every secret that this product hands out by its shape', () => {
    for (const prefix of ['csn_', 'css_', 'csi_', 'csc_', 'csh_']) {
      const secret = `${prefix}${'aB3-_x9'.repeat(6)}q`;
      expect(findSecrets(`see /v1/ops/${secret} there`)).toEqual([secret]);
    }
    expect(findSecrets(`csx_${'a'.repeat(43)}`)).toEqual([]);
  });

  it('finds a secret cut by chunk borders and loses nothing else', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constant(canary)), { maxLength: 6 }),
        fc.array(fc.nat(60)),
        (parts, cuts) => {
          const text = parts.join('|');
          const stream = createScrubber([canary]).stream();
          let out = '';
          let rest = text;
          for (const cut of cuts) {
            out += stream.push(rest.slice(0, cut));
            rest = rest.slice(cut);
          }
          out += stream.push(rest) + stream.end();
          expect(out).toBe(createScrubber([canary]).text(text));
          expect(out).not.toContain(canary);
        },
      ),
      { verbose: 1 },
    );
  });

  it('knows credentials by their shape', () => {
    expect(findSecrets('db = postgres://app:hunter2hunter2@db/x')).toEqual(['hunter2hunter2']);
    expect(findSecrets('API_KEY="abcdefgh12345678"')).toEqual(['abcdefgh12345678']);
    expect(findSecrets('plain text, replicas: 3')).toEqual([]);
  });

  it('a secret of several lines is found line by line, as a diff shows it', () => {
    const key = '-----BEGIN PRIVATE KEY-----\nTUlJRXZRSUJBREFOQmdrcWhraUc5dzBC\n-----END PRIVATE KEY-----';
    const shown = createScrubber([key]).text(key.replaceAll(/^/gm, '+'));
    expect(shown).not.toContain('TUlJRXZRSUJBREFOQmdrcWhraUc5dzBC');
  });

  it("a target's own credentials are removed by their shape, wherever a chunk ends", () => {
    const text =
      'a=1\npassword: hunter2-hunter2\nb=2\n-----BEGIN PRIVATE KEY-----\nTUlJRXZRSUJBREFO\nxx\n-----END PRIVATE KEY-----\nc=3';
    const whole = createTargetScrubber([]).text(text);
    expect(whole).toBe(
      `a=1\npassword: ${scrubMark}\nb=2\n-----BEGIN PRIVATE KEY-----\n${scrubMark}\n${scrubMark}\n-----END PRIVATE KEY-----\nc=3`,
    );
    for (let cut = 0; cut <= text.length; cut += 1) {
      const stream = createTargetScrubber([]).stream();
      expect(stream.push(text.slice(0, cut)) + stream.push(text.slice(cut)) + stream.end()).toBe(whole);
    }
  });

  it('a Secret never prints itself', () => {
    const secret = new Secret(canary);
    expect(`${secret} ${JSON.stringify({ secret })}`).not.toContain('c4n4ry');
    expect(secret.reveal()).toBe(canary);
  });
});
