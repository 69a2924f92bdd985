import { execFileSync } from 'node:child_process';
import type { GroupRecord } from '@countersign/kernel';
import type { JsonObject } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import { proposeLeft } from './propose-left.ts';

interface Thing {
  readonly target?: string;
  readonly name: string;
  readonly inputs?: JsonObject;
}

/** What is proposed of things of which the last `count` did not run. */
function proposed(things: readonly Thing[], count: number): readonly string[] {
  const members = things.map(({ target = 'fleet-dev', name }, index) => ({ opId: `op-${index}`, target, name }));
  const group: GroupRecord = {
    id: 'group',
    state: 'stopped',
    action: 'fleet.restart',
    labels: 'app=web',
    waves: [members],
    begun: 1,
    requester: { name: 'ada', root: 'ada' },
    start: null,
    stop: null,
    correlationId: 'test',
    createdAt: 0,
    updatedAt: 0,
  };
  const operations = things.map(({ name, inputs = {} }, index) => ({
    op_id: `op-${index}`,
    steps: [{ action: 'fleet.restart', inputs: { thing: name, ...inputs } }],
  }));
  return proposeLeft(group, operations, members.slice(members.length - count));
}

/** The words that a shell makes of a command. */
function wordsOf(command = ''): string[] {
  const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' });
  return printed.split('\0').slice(0, -1);
}

describe('what a group left undone', () => {
  it('is proposed for each target by the names that are left there, never across targets', () => {
    const things = [
      { name: 'a', target: 'one' },
      { name: 'b', target: 'two' },
      { name: 'b', target: 'one' },
      { name: 'a', target: 'two' },
    ];
    expect(proposed(things, 2)).toEqual([
      'countersign do fleet.restart --target one --names b',
      'countersign do fleet.restart --target two --names a',
    ]);
  });

  it('is proposed with the inputs that all of it had, and by what it was called', () => {
    const things = [
      { name: 'web', inputs: { thing: 'id1', room: "the attic's" } },
      { name: 'web', inputs: { thing: 'id2', room: "the attic's" } },
    ];
    expect(wordsOf(proposed(things, 1)[0]).slice(3)).toEqual([
      '--target',
      'fleet-dev',
      '--names',
      'id2',
      '--inputs',
      `{"room":"the attic's"}`,
    ]);
  });

  it.each(['a;touch /tmp/x', '$(id)', '{b}', "it's", 'back\\slash', '`id`', 'a b', '*'])(
    'is one word of a shell: %s',
    (name) => {
      const [command] = proposed([{ name: 'plain' }, { name }], 1);
      expect(wordsOf(command)).toEqual([
        'countersign',
        'do',
        'fleet.restart',
        '--target',
        'fleet-dev',
        '--names',
        name,
      ]);
    },
  );

  it('is told by name alone where no command can say it', () => {
    const sealed = { room: { $sealed: 'secret' } };
    const cases: [Thing[], string][] = [
      [[{ name: 'plain' }, { name: 'a,b' }], "'a,b'"],
      [[{ name: 'plain' }, { name: 'x', inputs: { room: 'other' } }], 'x'],
      [
        [
          { name: 'plain', inputs: sealed },
          { name: 'x', inputs: sealed },
        ],
        'x',
      ],
      [[{ name: 'web', inputs: { thing: 'id1' } }], 'web'],
    ];
    for (const [things, told] of cases) {
      expect(proposed(things, 1)).toEqual([`left on fleet-dev, to be proposed one by one: ${told}`]);
    }
    expect(proposed([{ name: 'plain' }, { name: 'a,b' }], 2)).toEqual([
      'countersign do fleet.restart --target fleet-dev --names plain',
      "left on fleet-dev, to be proposed one by one: 'a,b'",
    ]);
  });
});
