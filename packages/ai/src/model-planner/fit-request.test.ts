import fc from 'fast-check';
import { expect, it } from 'vitest';
import { actionOf, promptOf, targetOf } from '../fixture/planner-world.ts';
import { fitRequest, type Told } from './fit-request.ts';

const seed = Number(process.env['COUNTERSIGN_SEED'] ?? Math.floor(performance.timeOrigin) % 2 ** 30);
const sizeOf = ({ actions, inventory }: Told) => 10 * actions.length + inventory.length;
const request = (actions: number, items: number, prompt = 'restart web-7 in stage') =>
  promptOf(prompt, {
    actions: Array.from({ length: actions }, (_, index) => ({
      action: actionOf(`docker.do_${index}`, 'write', { type: 'object', properties: {} }),
      targets: [targetOf('shop-stage', 'stage')],
    })),
    inventory: Array.from({ length: items }, (_, index) => ({
      entity: 'container',
      name: `web-${index}`,
      aliases: [],
      target: 'shop-stage',
    })),
  });

it(`keeps within the room there is, one action at least and the thing that is named (COUNTERSIGN_SEED=${seed})`, () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 8, max: 300 }),
      fc.integer({ min: 0, max: 900 }),
      (actions, items, room) => {
        const whole = request(actions, items);
        const told = fitRequest(whole, (some) => sizeOf(some) <= room);
        expect(told.actions.length).toBeGreaterThanOrEqual(1);
        if (room >= 10) expect(sizeOf(told)).toBeLessThanOrEqual(room);
        if (room >= 11) expect(told.inventory.some(({ name }) => name === 'web-7')).toBe(true);
        if (sizeOf(whole) <= room) expect(told).toEqual({ actions: whole.actions, inventory: whole.inventory });
        // Nothing more would have fitted of what comes last.
        else if (room >= 10 && told.inventory.length < items) expect(sizeOf(told)).toBe(room);
      },
    ),
    { seed, numRuns: 300 },
  );
});

it('actions stay in their order, whatever the sentence says', () => {
  const { actions } = fitRequest(request(40, 10), (some) => sizeOf(some) <= 150);
  const places = actions.map(({ action }) => Number(action.name.replace(/\D/g, '')));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(places.length).toBeGreaterThan(5);
});

it('of more than 300 things the named one is told, also where there is room', () => {
  const told = fitRequest(request(1, 1000, 'restart web-977 in stage'), () => true);
  expect(told.inventory).toHaveLength(300);
  expect(told.inventory[0]?.name).toBe('web-977');
});

it('a hostile sentence over many targets and things is ordered in a second', () => {
  const items = Array.from({ length: 16_000 }, (_, index) => ({
    entity: 'container',
    name: 'a',
    aliases: [`b${index}`],
    target: `t${index % 300}`,
  }));
  const targets = Array.from({ length: 300 }, (_, index) => targetOf(`t${index}`, 'stage'));
  const actions = Array.from({ length: 50 }, (_, index) => ({
    action: actionOf(`docker.do_${index}`, 'write', { type: 'object', properties: {} }),
    targets,
  }));
  const before = process.cpuUsage();
  fitRequest(promptOf('a '.repeat(119), { actions, inventory: items }), ({ inventory }) => inventory.length < 10);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1e6).toBeLessThan(5);
});
