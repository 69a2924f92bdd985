import { expect, it } from 'vitest';
import { buildBundle } from '../bundle/build-bundle.ts';
import { utf8 } from '../bytes/utf8.ts';
import { findingsOf } from '../fixture/findings-of.ts';
import { sampleInput, samplePlan, sampleVerdict } from '../fixture/sample-input.ts';
import { nodeSha256 } from '../node.ts';
import { type ReadContent, readContent } from './read-content.ts';

const whole = buildBundle(sampleInput(), nodeSha256);
const forms = [
  ['plan.form', 'plan.json', 'plan'],
  ['validation.form', 'validation.json', 'validation'],
  ['approvals.form', 'approvals.json', 'approvals'],
  ['run.form', 'run.json', 'run'],
] as const;

async function read(files: ReadonlyMap<string, Uint8Array>) {
  const answers: ReadContent[] = [];
  const found = await findingsOf((findings) => answers.push(readContent(files, findings)));
  return { found, content: answers[0]! };
}

it('reads all four files and says so', async () => {
  const { found, content } = await read(whole);
  expect(found).toEqual(forms.map(([id, path]) => ['pass', id, path, '']));
  expect(content.plan).toEqual(samplePlan);
  expect(content.validation?.verdict).toEqual(sampleVerdict);
  expect(content.approvals?.approvals.map(({ statement }) => statement.kind)).toEqual(['confirm', 'approve']);
  expect(content.run).toEqual(sampleInput().run);
});

it.each(forms)('%s fails without %s, and is an error where that cannot be read', async (id, path, member) => {
  const missing = new Map(whole);
  missing.delete(path);
  for (const [files, finding] of [
    [missing, ['fail', id, path, 'The file is missing.']],
    [new Map([...whole, [path, utf8('x')]]), ['error', id, path, 'not JSON']],
  ] as const) {
    const { found, content } = await read(files);
    expect(found).toEqual(forms.map(([each, file]) => (each === id ? finding : ['pass', each, file, ''])));
    expect(forms.map(([, , each]) => content[each] === null)).toEqual(forms.map(([, , each]) => each === member));
  }
});
