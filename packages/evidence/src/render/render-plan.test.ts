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
