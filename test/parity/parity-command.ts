import { JsonValue } from '@countersign/protocol';
import fc from 'fast-check';
import { anyCommand, proposeCommand } from '../../packages/engine/src/fixture/command.ts';
import { personNames } from '../../packages/engine/src/fixture/people.ts';

const engine = (command: typeof anyCommand | typeof proposeCommand) =>
  fc.record({ kind: fc.constant('engine'), command });
const who = fc.constantFrom(...personNames);
const states = fc.constantFrom('planning', 'planned', 'closed');
const beside = fc.oneof(
  fc.record({
    kind: fc.constant('tokenCreate'),
    who,
    name: fc.constantFrom('ada', 'zoë', 'b.c', 'robot'),
    of: fc.constantFrom('person', 'agent', 'service', 'worker'),
    role: fc.constantFrom('viewer', 'actions', 'approver', 'admin', 'worker'),
    expires: fc.option(fc.constantFrom(1, 1000, 86_400_000)),
  }),
  fc.record({ kind: fc.constant('tokenRevoke'), who, token: fc.nat(3) }),
  fc.record({ kind: fc.constant('tokenUse'), token: fc.nat(3) }),
  fc.record({
    kind: fc.constant('setting'),
    key: fc.string({ unit: 'binary', maxLength: 5 }),
    value: fc.jsonValue({ maxDepth: 2, stringUnit: 'binary' }).map((value) => JsonValue.parse(value)),
  }),
  fc.record({
    kind: fc.constant('list'),
    states: fc.option(states),
    target: fc.boolean(),
    limit: fc.integer({ min: 1, max: 9 }),
  }),
  fc.record({
    kind: fc.constant('audit'),
    by: fc.constantFrom('actor', 'event', 'subjectId', 'outcome', 'fromAt', 'afterIndex'),
    op: fc.nat(3),
  }),
  fc.record({ kind: fc.constant('stream'), op: fc.nat(3), after: fc.nat(6) }),
  fc.record({ kind: fc.constant('checkpoint') }),
  fc.record({ kind: fc.constant('anchor') }),
);
const any = fc.oneof({ weight: 9, arbitrary: engine(anyCommand) }, { weight: 1, arbitrary: beside });

/** One thing that somebody does to both databases. */
export type ParityCommand = typeof any extends fc.Arbitrary<infer Each> ? Each : never;

/** What one sequence does: its commands, under one of the two shipped profiles. */
export interface ParitySequence {
  readonly solo: boolean;
  readonly commands: readonly ParityCommand[];
}

/** Mostly short sequences, each begun by a proposal; some are longer, one in two hundred is long. */
export const paritySequences: fc.Arbitrary<ParitySequence> = fc.record({
  solo: fc.boolean(),
  commands: fc
    .tuple(
      engine(proposeCommand),
      fc.oneof(
        { weight: 190, arbitrary: fc.array(any, { minLength: 2, maxLength: 5, size: 'max' }) },
        { weight: 9, arbitrary: fc.array(any, { minLength: 8, maxLength: 16, size: 'max' }) },
        { weight: 1, arbitrary: fc.array(any, { minLength: 30, maxLength: 60, size: 'max' }) },
      ),
    )
    .map(([first, rest]) => [first, ...rest]),
});

/** The sequence of a seed. */
export function sequenceOf(seed: number): ParitySequence {
  const [sequence] = fc.sample(paritySequences, { seed, numRuns: 1 });
  if (sequence === undefined) throw new Error('fast-check gave no sequence');
  return sequence;
}
