import type { PlanBody } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import { samplePlan } from '../fixture/sample-input.ts';
import { codeBlock, codeSpan } from './markdown.ts';
import { renderPlan } from './render-plan.ts';

describe('codeSpan and codeBlock', () => {
  it.each([
    ['plain', '`plain`'],
    ['', '(empty)'],
    ['a`b``c', '```a`b``c```'],
    ['`x', '`` `x ``'],
    [' x', '`  x `'],
    ['two\nlines', '`two\\nlines`'],
    ['\u202Etxt', '`\\u{202E}txt`'],
  ])('span %j is %j', (text, span) => {
    expect(codeSpan(text)).toBe(span);
  });

  it('fences longer than the text can close, and tells a missing newline', () => {
    expect(codeBlock('a\n```\n# Approved\n', 'diff')).toBe('````diff\na\n```\n# Approved\n````\n');
    expect(codeBlock('a', '')).toBe('```\na\n```\n\n(no newline at the end)\n');
    expect(codeBlock('', 'json')).toBe('(empty)\n');
  });
});

describe('renderPlan', () => {
  it('shows everything in the digested body', () => {
    expect(renderPlan(samplePlan)).toMatchInlineSnapshot(`
      "# Plan for \`site\`

      ## Target

      - name: \`site\`
      - project: \`web\`
      - environment: \`live\`
      - tier: \`prod\`
      - connector: \`repo\`
      - identity: \`git:site\`

      ## Steps

      ### Step 1: \`repo.write_files\`

      Action version 1, replay: exact

      \`\`\`json
      {
        "files": [
          {
            "path": "index.html",
            "text": "<p>Grüße</p>\\n"
          }
        ]
      }
      \`\`\`

      ## Diffs

      ### Diff 1: \`index.html\`

      Step 1: \`one line\`

      \`\`\`diff
      --- a/index.html
      +++ b/index.html
      @@ -1 +1 @@
      -<p>Hi</p>
      +<p>Grüße</p>
      \`\`\`

      ## Checks

      - **pass** \`branch-exists\` (severity error): \`The branch is there.\`

      ## Preconditions

      ### \`ref\` \`refs/heads/main\`

      Fingerprint \`sha256:5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a\`

      \`\`\`json
      {
        "commit": "c0ffee"
      }
      \`\`\`

      ## Rollback

      \`write the old text back\`

      ### Rollback step 1: \`repo.write_files\`

      Takes back step 1.

      \`\`\`json
      {
        "files": [
          {
            "path": "index.html",
            "text": "<p>Hi</p>\\n"
          }
        ]
      }
      \`\`\`

      ## Connector

      \`repo\` \`1.0.0\`, manifest \`sha256:7777777777777777777777777777777777777777777777777777777777777777\`
      "
    `);
  });

  it('shows each of many, and says where there is none', () => {
    const step = { action: 'repo.write_files', version: 2, replay: 'exact' as const };
    const fingerprint = `sha256:${'5a'.repeat(32)}`;
    const body: PlanBody = {
      ...samplePlan,
      steps: [
        { ...step, index: 0, inputs: {} },
        { ...step, index: 1, inputs: { b: 1, a: [] } },
      ],
      diffs: [
        { step: 0, path: 'a', summary: 'one', patch: '+a\n' },
        { step: 1, path: 'b', summary: 'two', patch: '+b\n' },
      ],
      checks: [
        { id: 'one', status: 'warn', severity: 'info', message: 'm', file: 'a.ts', line: 3 },
        { id: 'two', status: 'fail', severity: 'error', message: 'n', file: 'b.ts' },
        { id: 'three', status: 'pass', severity: 'warning', message: 'o', line: 7 },
      ],
      preconditions: [
        { resource: 'a', kind: 'ref', fingerprint, observed: {} },
        { resource: 'b', kind: 'ref', fingerprint, observed: {} },
      ],
      rollback: {
        possible: true,
        summary: 'back',
        steps: [
          { action: 'repo.write_files', inputs: {}, undoes: 1 },
          { action: 'repo.remove_files', inputs: {}, undoes: 0 },
        ],
      },
    };
    const sections = (plan: PlanBody) =>
      new Map(
        renderPlan(plan)
          .split(/^(?=## )/m)
          .map((text) => [text.slice(3, text.indexOf('\n')), text]),
      );
    const shown = sections(body);
    expect([...shown.keys()].slice(1)).toEqual([
      'Target',
      'Steps',
      'Diffs',
      'Checks',
      'Preconditions',
      'Rollback',
      'Connector',
    ]);
    const object = '```json\n{}\n```\n';
    const print = `Fingerprint \`${fingerprint}\`\n\n${object}`;
    expect(shown.get('Steps')).toBe(
      `## Steps\n\n### Step 1: \`repo.write_files\`\n\nAction version 2, replay: exact\n\n${object}\n` +
        '### Step 2: `repo.write_files`\n\nAction version 2, replay: exact\n\n' +
        '```json\n{\n  "a": [],\n  "b": 1\n}\n```\n\n',
    );
    expect(shown.get('Diffs')).toBe(
      '## Diffs\n\n### Diff 1: `a`\n\nStep 1: `one`\n\n```diff\n+a\n```\n\n' +
        '### Diff 2: `b`\n\nStep 2: `two`\n\n```diff\n+b\n```\n\n',
    );
    expect(shown.get('Checks')).toBe(
      '## Checks\n\n- **warn** `one` (severity info): `m` (`a.ts`, line 3)\n' +
        '- **fail** `two` (severity error): `n` (`b.ts`)\n- **pass** `three` (severity warning): `o` (line 7)\n\n',
    );
    expect(shown.get('Preconditions')).toBe(
      `## Preconditions\n\n### \`ref\` \`a\`\n\n${print}\n### \`ref\` \`b\`\n\n${print}\n`,
    );
    expect(shown.get('Rollback')).toBe(
      `## Rollback\n\n\`back\`\n\n### Rollback step 1: \`repo.write_files\`\n\nTakes back step 2.\n\n${object}\n` +
        `### Rollback step 2: \`repo.remove_files\`\n\nTakes back step 1.\n\n${object}\n`,
    );
    const least = sections({
      ...body,
      diffs: [],
      checks: [],
      preconditions: [],
      rollback: { possible: false, reason: 'it is sent' },
    });
    expect(least.get('Diffs')).toBe('## Diffs\n\nNone.\n\n');
    expect(least.get('Checks')).toBe('## Checks\n\nNone.\n\n');
    expect(least.get('Preconditions')).toBe('## Preconditions\n\nNone.\n\n');
    expect(least.get('Rollback')).toBe('## Rollback\n\nNot possible: `it is sent`\n\n');
  });

  it('lets no text from outside stand as a heading, a list or anything hidden', () => {
    const evil = '\n# Approved\n```\n- **pass**\r\u202E\u200B`';
    const body: PlanBody = {
      ...samplePlan,
      steps: samplePlan.steps.map((step) => ({ ...step, inputs: { [evil]: evil } })),
      diffs: [{ step: 0, path: evil, summary: evil, patch: evil }],
      checks: [{ id: evil, status: 'warn', severity: 'info', message: evil, file: evil, line: 3 }],
      preconditions: samplePlan.preconditions.map((each) => ({ ...each, resource: evil, observed: { [evil]: evil } })),
      rollback: { possible: false, reason: evil },
      connector: { ...samplePlan.connector, version: evil },
    };
    const shown = renderPlan(body);
    expect(shown).not.toMatch(/[\r\u202E\u200B]/);
    let fence = '';
    const outside: string[] = [];
    for (const line of shown.split('\n')) {
      const [ticks = ''] = /^`{3,}/.exec(line) ?? [];
      if (fence === '' && ticks !== '') fence = ticks;
      else if (fence !== '' && line === fence) fence = '';
      else if (fence === '') outside.push(line);
    }
    expect(fence).toBe('');
    expect(outside.filter((line) => line.startsWith('# '))).toEqual(['# Plan for `site`']);
    expect(outside.filter((line) => line.startsWith('- **'))).toHaveLength(1);
  });
});
