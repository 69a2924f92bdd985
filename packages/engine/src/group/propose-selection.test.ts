import { describe, expect, it } from 'vitest';
import { callerOf } from '../fixture/people.ts';
import { type Changes, withFleet } from '../fixture/with-fleet.ts';
import { readTargetInventory } from '../inventory/read-target-inventory.ts';
import { proposeSelection } from './propose-selection.ts';

const never = new AbortController().signal;
const ada = callerOf('ada');

describe('a selection', () => {
  it('becomes the things that it names now, each an operation with its own plan and digest, and no others (IP-4)', async () => {
    await withFleet(3, async ({ fleet, proposed, view }) => {
      fleet.things.push({ name: 'db-1', id: 'd1', labels: { app: 'db' } });
      const groupId = await proposed({ labels: 'app in (web,db),number!=2', targets: ['fleet-dev', 'fleet-stage'] });
      const { operations, waves } = await view(groupId);
      const members = waves?.waves.flatMap((wave) => wave.members.map(({ target, name }) => `${target}/${name}`));
      expect(members).toEqual([
        'fleet-dev/db-1',
        'fleet-dev/web-1',
        'fleet-dev/web-3',
        'fleet-stage/db-1',
        'fleet-stage/web-1',
        'fleet-stage/web-3',
      ]);
      expect(new Set(operations.map(({ plan }) => plan?.digest)).size).toBe(6);
      expect(operations.every(({ start, run }) => start === 'manual' && run === null)).toBe(true);
    });
  });

  it('is resolved once: the same request id answers the same group, whatever the labels name by then', async () => {
    await withFleet(2, async ({ context, fleet, request, view }) => {
      const body = request();
      const asked = await Promise.all(Array.from({ length: 10 }, () => proposeSelection(context, ada, body, never)));
      expect(new Set(asked.map((answer) => (answer.ok ? answer.value : answer.code))).size).toBe(1);
      fleet.things = [];
      const again = await proposeSelection(context, ada, body, never);
      expect(again).toEqual(asked[0]);
      expect((await view(again.ok ? again.value : '')).operations).toHaveLength(2);
      expect(await proposeSelection(context, ada, { ...body, labels: 'app=db' }, never)).toMatchObject({
        code: 'E_IDEMPOTENCY_CONFLICT',
      });
    });
  });

  it('takes names and aliases, and tells things of one name apart by their alias', async () => {
    await withFleet(2, async ({ fleet, proposed, view }) => {
      fleet.things.push({ name: 'web-2', id: 'twin', labels: {} });
      const groupId = await proposed({ labels: undefined, names: ['id1', 'web-2'] });
      const inputs = (await view(groupId)).operations.map(({ steps }) => steps[0]?.inputs['thing']);
      expect(inputs).toEqual(['id2', 'twin', 'web-1']);
    });
  });

  it('does not guess at a label whose value is withheld; whether it is there can be asked', async () => {
    await withFleet(2, async ({ context, fleet, proposed, request, view }) => {
      fleet.things.push({ name: 'web-9', id: 'w9', labels: { app: 'web', 'bypass-restart': '[withheld]' } });
      for (const labels of ['app=web,bypass-restart!=true', 'bypass-restart in (true)', 'bypass-restart notin (no)']) {
        expect(await proposeSelection(context, ada, { ...request(), labels }, never)).toMatchObject({
          code: 'E_VALIDATION',
          message: expect.stringContaining('bypass-restart'),
          detail: { field: '/labels' },
        });
      }
      const without = (await view(await proposed({ labels: 'app=web,!bypass-restart' }))).operations;
      expect(without.map(({ steps }) => steps[0]?.inputs['thing'])).toEqual(['web-1', 'web-2']);
      const bearing = (await view(await proposed({ labels: 'bypass-restart' }))).operations;
      expect(bearing.map(({ steps }) => steps[0]?.inputs['thing'])).toEqual(['web-9']);
    });
  });

  const refusals: [string, Changes, object][] = [
    ['labels that nothing has', { labels: 'app=wbe' }, { code: 'E_TARGET_MISSING', detail: { nearest: ['app=web'] } }],
    [
      'a name that nothing has',
      { names: ['wbe-1'] },
      { code: 'E_TARGET_MISSING', detail: { nearest: expect.arrayContaining(['web-1']) } },
    ],
    ['nothing at all', { labels: undefined }, { code: 'E_VALIDATION', detail: { field: '/labels' } }],
    ['what is no selector', { labels: 'app=(' }, { code: 'E_VALIDATION', detail: { field: '/labels' } }],
    [
      'a target that is not there',
      { targets: ['fleet-dv'] },
      { code: 'E_TARGET_UNKNOWN', detail: { did_you_mean: expect.arrayContaining(['fleet-dev']) } },
    ],
    ['several targets without saying which', { targets: undefined }, { code: 'E_TARGET_AMBIGUOUS' }],
    [
      'an action that is not there',
      { action: 'fleet.restrt' },
      { code: 'E_ACTION_UNKNOWN', detail: { did_you_mean: expect.arrayContaining(['fleet.restart']) } },
    ],
    ['a read', { action: 'fleet.list' }, { code: 'E_VALIDATION', detail: { field: '/action' } }],
    ['the thing twice', { inputs: { thing: 'web-1' } }, { code: 'E_VALIDATION', detail: { field: '/inputs/thing' } }],
    ['an input that is none', { inputs: { other: 1 } }, { code: 'E_VALIDATION' }],
  ];
  it.each(refusals)('of %s is refused with what to do, and nothing is proposed', async (_, change, expected) => {
    await withFleet(2, async ({ context, request }) => {
      expect(await proposeSelection(context, ada, request(change), never)).toMatchObject({ ok: false, ...expected });
      const proposed = await context.store.read((reads) => reads.operations.list({ effects: ['write'], limit: 5 }));
      expect(proposed).toEqual([]);
    });
  });

  it('of a list that is not whole, or of more than one group takes, is refused', async () => {
    await withFleet(101, async ({ context, request, fleet }) => {
      expect(await proposeSelection(context, ada, request(), never)).toMatchObject({ code: 'E_VALIDATION' });
      fleet.truncated = true;
      expect(await proposeSelection(context, ada, request({ labels: 'number=1' }), never)).toMatchObject({
        code: 'E_TARGET_UNREACHABLE',
      });
    });
  });

  it('an input that the list takes too goes into both: labels are read where the action acts', async () => {
    await withFleet(1, async ({ context, proposed }) => {
      await proposed({ inputs: { room: 'attic' } });
      const reads = await context.store.read((all) => all.operations.list({ effects: ['read'], limit: 5 }));
      expect(reads.map(({ steps }) => steps[0]?.inputs)).toContainEqual({ room: 'attic' });
    });
  });
});

describe('the inventory of a target', () => {
  it('is read now or as kept, each with its age; what cannot be read now stands with its age and the reason', async () => {
    await withFleet(1, async ({ context, bench, fleet }) => {
      const inventory = async (maxAgeMs: number) => {
        const read = await readTargetInventory(context, ada, { target: 'fleet-dev', maxAgeMs }, never);
        if (!read.ok) throw new Error(read.message);
        return read.value.lists[0];
      };
      const entries = [{ name: 'web-1', aliases: ['id1'], labels: { app: 'web', number: '1' } }];
      expect(await inventory(0)).toMatchObject({ entity: 'thing', entries, age_ms: 0, live: true, problem: null });
      bench.clock.advance(60_000);
      expect(await inventory(3_600_000)).toMatchObject({ entries, age_ms: 60_000, live: false, problem: null });
      fleet.truncated = true;
      const old = await inventory(5_000);
      expect(old).toMatchObject({ entries, age_ms: 60_000, live: false });
      expect(old?.problem).toMatch(/not whole/);
      fleet.truncated = false;
      expect(await inventory(5_000)).toMatchObject({ age_ms: 0, live: true, problem: null });
    });
  });

  it('of a target that is not there names the nearest', async () => {
    await withFleet(1, async ({ context }) => {
      expect(await readTargetInventory(context, ada, { target: 'fleet-prd', maxAgeMs: 0 }, never)).toMatchObject({
        code: 'E_TARGET_UNKNOWN',
        detail: { did_you_mean: expect.arrayContaining(['fleet-prod']) },
      });
    });
  });
});
