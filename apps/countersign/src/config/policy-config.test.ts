import { describe, expect, it } from 'vitest';
import { parseConfig } from './load-config.ts';
import { policySourceOf, windowsOf } from './policy-config.ts';

const targets = 'targets: [{name: a, project: p, environment: dev, connector: repo}]';
const parse = (text: string) => parseConfig('/etc/countersign/countersign.yaml', `${text}\n${targets}\n`);

describe('policies in countersign.yaml', () => {
  it('are the shipped ones alone where nothing is said', () => {
    expect(policySourceOf(parse(''), {})).toEqual({ profile: 'standard', folder: null, allowActions: null });
  });

  it('come from a folder beside the file, and the list of allowed actions from it or from the environment (IP-6)', () => {
    const env = { ALLOW_ACTIONS_DEFAULT: 'gmail.send, outlook.send,' };
    expect(policySourceOf(parse('policies: {folder: ./own}'), env)).toEqual({
      profile: 'standard',
      folder: '/etc/countersign/own',
      allowActions: ['gmail.send', 'outlook.send'],
    });
    expect(policySourceOf(parse('policies: {allow_actions: [repo.*]}'), env).allowActions).toEqual(['repo.*']);
    expect(policySourceOf(parse('policies: {allow_actions: []}'), {}).allowActions).toEqual([]);
    expect(policySourceOf(parse(''), { ALLOW_ACTIONS_DEFAULT: '' }).allowActions).toEqual([]);
  });

  it.each(['gmail.send"; permit', 'Gmail.send', '*', 'repo.*.x', 'repo*', ' ', 'a..b'])(
    'refuse %j as an action that is allowed',
    (name) => {
      expect(() => parse(`policies: {allow_actions: [${JSON.stringify(name)}]}`)).toThrow(/allow_actions/);
      if (name.trim() !== '')
        expect(() => policySourceOf(parse(''), { ALLOW_ACTIONS_DEFAULT: name })).toThrow(/ALLOW_ACTIONS_DEFAULT/);
    },
  );
});

describe('change windows in countersign.yaml', () => {
  it('are read with their defaults: every project, every day, UTC', () => {
    const { config } = parse("change_windows: [{environment: prod, from: '09:05', to: '17:00'}]");
    expect(windowsOf(config.change_windows)).toEqual([
      {
        project: '*',
        environment: 'prod',
        days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
        fromMinute: 545,
        toMinute: 1020,
        timeZone: 'UTC',
      },
    ]);
  });

  it.each([
    ["{environment: prod, from: '9:00', to: '17:00'}", /from/],
    ["{environment: prod, from: '09:00', to: '24:00'}", /to/],
    ["{environment: prod, from: '09:00', to: '17:00', time_zone: Europe/Nowhere}", /time_zone/],
    ["{environment: prod, from: '09:00', to: '17:00', days: []}", /days/],
    ["{environment: prod, from: '09:00', to: '17:00', days: [monday]}", /days/],
  ])('refuse %s', (entry, message) => {
    expect(() => parse(`change_windows: [${entry}]`)).toThrow(message);
  });
});
