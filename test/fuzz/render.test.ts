import { fromUtf8, renderPlan, unvisible, unvisibleLine, utf8 } from '@countersign/evidence';
import { JsonObject, type PlanBody } from '@countersign/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { plainColors } from '../../apps/cli/src/render/colors.ts';
import { patchOfShown, renderPatch } from '../../apps/cli/src/render/diff.ts';
import { visibleJson } from '../../apps/cli/src/render/json.ts';
import { samplePlan } from '../../packages/evidence/src/fixture/sample-input.ts';
import { fuzz, must, runs, timeout } from './fuzz.ts';

const deceptive = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/u;
const hides = (shown: string): boolean => deceptive.test(shown.replace(/[\n\t]/g, ''));

const piece = fc.oneof(
  {
    arbitrary: fc.constantFrom(
      ...[
        '`',
        '```',
        '````',
        '\n',
        '\r\n',
        '\r',
        '\t',
        '\\',
        '\\u',
        '\\u{202E}',
        '{',
        '}',
        '\\r',
        '\\n',
        '# ',
        '### Diff 2: ',
        '- **pass** ',
      ],
      ...[
        '\u202e',
        '\u2066',
        '\u200b',
        '\ufeff',
        '\u{e0041}',
        '\ufe0f',
        '\u{e0100}',
        '\u2028',
        '\u2029',
        '\u0085',
        '\u00a0',
        '\u00ad',
        '\0',
      ],
      ...[
        '\u001b[2J',
        '+',
        '-',
        ' ',
        '@@ -1 +1 @@',
        '(no newline at the end)',
        '(empty)',
        '~~~',
        '\ud800',
        '\udc00',
        '## Checks',
        '\u3164',
      ],
    ),
    weight: 4,
  },
  { arbitrary: fc.string({ unit: 'binary', maxLength: 4 }), weight: 1 },
  { arbitrary: fc.string({ maxLength: 8 }), weight: 1 },
);
const text = fc.array(piece, { maxLength: 10 }).map((parts) => parts.join(''));

/** Takes a plan as it is shown apart: headings outside of every fence, and the fenced blocks below each. */
function readShown(shown: string): {
  headings: string[];
  blocks: { below: string; language: string; content: string }[];
} {
  const headings: string[] = [];
  const blocks: { below: string; language: string; content: string }[] = [];
  let open: { fence: string; language: string; lines: string[] } | null = null;
  const lines = shown.split('\n');
  for (const [at, line] of lines.entries()) {
    if (open !== null) {
      if (line !== open.fence) open.lines.push(line);
      else {
        const missing = lines[at + 2] === '(no newline at the end)';
        const content = open.lines.map((each) => `${each}\n`).join('');
        blocks.push({
          below: headings.at(-1) ?? '',
          language: open.language,
          content: missing ? content.slice(0, -1) : content,
        });
        open = null;
      }
    } else if (/^`{3,}/.test(line)) {
      const fence = /^`+/.exec(line)?.[0] ?? '';
      open = { fence, language: line.slice(fence.length), lines: [] };
    } else if (line.startsWith('#')) headings.push(line);
    else if (line === '(empty)') blocks.push({ below: headings.at(-1) ?? '', language: 'diff', content: '' });
  }
  must(open === null, 'every fence is closed');
  return { headings, blocks };
}

/** The text of a code span. */
function readSpan(span: string): string {
  if (span === '(empty)') return '';
  const ticks = /^`+/.exec(span)?.[0] ?? '';
  const inner = span.slice(ticks.length, span.length - ticks.length);
  return unvisibleLine(/^ [` ]|[` ] $/.test(inner) ? inner.slice(1, -1) : inner);
}

function checkPlan(patches: readonly string[], path: string, inputs: Record<string, string>): void {
  const body: PlanBody = {
    ...samplePlan,
    steps: samplePlan.steps.map((step) => ({ ...step, inputs })),
    diffs: patches.map((patch) => ({ step: 0, path, summary: path, patch })),
  };
  const shown = renderPlan(body);
  must(!hides(shown), 'nothing that is shown hides or moves');
  must(fromUtf8(utf8(shown)) === shown, 'it is text that a file can keep');
  const { headings, blocks } = readShown(shown);
  const diffs = blocks.filter(({ below }) => below.startsWith('### Diff '));
  must(diffs.length === patches.length, 'each diff stands once');
  for (const [index, { content }] of diffs.entries()) {
    must(unvisible(content) === patches[index], 'a diff reads back as the bytes that run');
  }
  const titles = headings.filter((heading) => heading.startsWith('### Diff '));
  for (const title of titles) must(readSpan(title.replace(/^### Diff \d+: /, '')) === path, 'a path reads back');
  const [step] = blocks.filter(({ below }) => below.startsWith('### Step '));
  const read = JsonObject.parse(JSON.parse(unvisible(step?.content ?? '')));
  must(
    Object.entries(inputs).every(([key, value]) => read[key] === value),
    'inputs read back as what runs',
  );
}

function checkTerminal(patch: string): void {
  const shown = renderPatch(patch, plainColors);
  must(!hides(shown), 'nothing in the terminal hides or moves');
  must(patchOfShown(shown) === patch, 'what the terminal shows reads back as the bytes that run');
  const json = visibleJson({ patch });
  must(!hides(json) && JSON.parse(json).patch === patch, 'JSON in the terminal reads back');
}

it('what is shown reads back as what runs', { timeout }, async () => {
  const wellFormed = text.map((each) => each.toWellFormed());
  const cases = fc.record({
    patches: fc.array(text, { maxLength: 3 }),
    path: text,
    key: wellFormed,
    value: wellFormed,
  });
  await fuzz('render', cases, ({ patches, path, key, value }) => {
    // A plan's patch may hold a lone surrogate only outside of the digest: it has none, so it is never shown as one.
    checkPlan(
      patches.map((patch) => patch.toWellFormed()),
      path.toWellFormed(),
      key === '__proto__' ? {} : { [key]: value },
    );
    for (const patch of patches) checkTerminal(patch);
  });
});

it('every code point of Unicode is shown so that it reads back, in a line, in a hunk and at the end', {
  timeout,
}, () => {
  // All of them where there is time; else every 61st, another residue for each plane.
  const stride = runs >= 100_000 ? 1 : 61;
  let seen = 0;
  for (let codePoint = 0; codePoint <= 0x10ffff; codePoint += stride) {
    const character = String.fromCodePoint(codePoint);
    checkTerminal(`@@ -1 +1 @@\n-${character}\n+a${character}b\n`);
    checkTerminal(character);
    if (character.isWellFormed() && codePoint % 7 === 0)
      checkPlan([`+${character}`, character], character, { a: character });
    seen += 1;
  }
  expect(seen).toBe(Math.floor(0x10ffff / stride) + 1);
});
