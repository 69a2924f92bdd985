import type { VerifyFinding } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import { findingIds } from './finding-ids.ts';
import { findingList } from './finding-list.ts';

function stateOf(...states: VerifyFinding['state'][]) {
  const findings = findingList();
  for (const state of states) findings.add('plan.form', state, 'plan.json', '');
  return findings.report().state;
}

describe('a list of findings', () => {
  it('is as good as its worst', () => {
    expect(stateOf('pass')).toBe('pass');
    expect(stateOf('pass', 'unknown', 'pass')).toBe('unknown');
    expect(stateOf('fail', 'unknown', 'pass')).toBe('fail');
    expect(stateOf('pass', 'error', 'fail', 'unknown')).toBe('error');
  });

  it('without findings is an error: nothing was looked at', () => {
    expect(findingList().report()).toEqual({ state: 'error', findings: [] });
  });

  it('judges: one pass without problems, else one fail for each', () => {
    const findings = findingList();
    findings.judge('run.form', 'run.json', []);
    findings.judge('run.ended', 'run.json', ['one', 'two']);
    const [form, ended] = [findingIds['run.form'], findingIds['run.ended']];
    expect(findings.report().findings).toEqual([
      { id: 'run.form', state: 'pass', summary: form, detail: '', file: 'run.json' },
      { id: 'run.ended', state: 'fail', summary: ended, detail: 'one', file: 'run.json' },
      { id: 'run.ended', state: 'fail', summary: ended, detail: 'two', file: 'run.json' },
    ]);
  });

  it('shows what a file or its name would hide', () => {
    const findings = findingList();
    findings.add('manifest.file', 'fail', 'a\u202Eb', 'c\u200Bd');
    expect(findings.report().findings).toMatchObject([{ file: 'a\\u{202E}b', detail: 'c\\u{200B}d' }]);
  });
});

it('each finding says in one sentence of its own what it establishes', () => {
  const summaries: string[] = Object.values(findingIds);
  expect(summaries.filter((summary) => !/^(The|Each|A) .+[^.]\.$/.test(summary))).toEqual([]);
  expect(new Set(summaries).size).toBe(summaries.length);
});
