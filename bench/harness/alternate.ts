import { median } from './statistics.ts';

/** Measures one thing once and answers its figure. */
export type Round = () => Promise<number>;

const warmUps = 1;

/**
 * Runs every contender in every round, in an order that turns from round to round, so that whatever else the machine
 * does falls on all of them. Answers the median of each; a first round only warms up.
 */
export async function alternate<Name extends string>(
  contenders: Readonly<Record<Name, Round>>,
  rounds = 7,
): Promise<Record<Name, number>> {
  const names = Object.keys(contenders).filter((name): name is Name => name in contenders);
  const samples = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds + warmUps; round += 1) {
    const turn = round % names.length;
    for (const name of [...names.slice(turn), ...names.slice(0, turn)]) {
      const figure = await contenders[name]();
      if (round >= warmUps) samples.get(name)?.push(figure);
    }
  }
  const medians: Partial<Record<Name, number>> = {};
  for (const [name, values] of samples) medians[name] = median(values);
  return complete(medians, names);
}

function complete<Name extends string>(partial: Partial<Record<Name, number>>, names: readonly Name[]) {
  const isComplete = (value: Partial<Record<Name, number>>): value is Record<Name, number> =>
    names.every((name) => value[name] !== undefined);
  if (!isComplete(partial)) throw new Error('A contender was never measured.');
  return partial;
}
