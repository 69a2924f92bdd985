import { describe, expect, it } from 'vitest';
import { parseConfig, targetRefOf } from './load-config.ts';

const whole = `targets:
  - name: app
    project: shop
    environment: qa
    tier: stage
    connector: repo
    config: { path: ./app }
`;

function problemOf(text: string): string {
  try {
    parseConfig('countersign.yaml', text);
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return 'nothing is wrong';
}

describe('countersign.yaml', () => {
  it('is read with its defaults', () => {
    const { config } = parseConfig('countersign.yaml', whole);
    expect(config.profile).toBe('standard');
    expect(config.targets.map(targetRefOf)).toEqual([
      { name: 'app', project: 'shop', environment: 'qa', tier: 'stage', connector: 'repo' },
    ]);
  });

  it.each([
    [
      'an unknown setting',
      whole.replace('config:', 'confg:'),
      'countersign.yaml:7: targets.0.confg: is not a setting here',
    ],
    [
      'a missing tier',
      whole.replace('    tier: stage\n', ''),
      'countersign.yaml:2: targets.0.tier: expected one of dev, stage, prod',
    ],
    ['a wrong tier', whole.replace('stage', 'staging'), 'countersign.yaml:5: targets.0.tier: '],
    [
      'a name used twice',
      `${whole}${whole.slice(whole.indexOf('  - name'))}`,
      'countersign.yaml:8: targets.1.name: the name "app" is used twice',
    ],
    ['a target that is none', 'targets: [3]\n', 'countersign.yaml:1: targets.0: '],
    ['no YAML', 'targets: [\n', 'countersign.yaml:2: '],
    ['an unknown profile', `profile: two\n${whole}`, 'countersign.yaml:1: profile: '],
  ])('names file, line and what is expected for %s', (_what, text, expected) => {
    expect(problemOf(text)).toContain(expected);
  });

  it('locates a problem that a connector found', () => {
    const { problemAt } = parseConfig('countersign.yaml', whole);
    expect(problemAt(['targets', 0, 'config', 'path'], 'use an absolute path').message).toBe(
      'countersign.yaml:7: targets.0.config.path: use an absolute path',
    );
  });
});
