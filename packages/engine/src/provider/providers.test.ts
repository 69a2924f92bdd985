import type { ModelProvider, ProviderReload } from '@countersign/kernel';
import { accept, refuse } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { queryLog } from '../audit/query-log.ts';
import type { EngineContext } from '../context/context.ts';
import { fakeProviders } from '../fixture/fake-models.ts';
import { callerOf } from '../fixture/people.ts';
import { withSession } from '../fixture/with-session.ts';
import { activeProvider } from './active-provider.ts';
import { providersAtStart, providersHaveChanged } from './follow-configuration.ts';
import { switchProvider } from './switch-provider.ts';
import { testProvider } from './test-provider.ts';

function named(name: string, health: 'up' | 'down' = 'up'): ModelProvider {
  const down = refuse('E_PROVIDER_UNAVAILABLE', `provider "${name}" cannot be reached`, { next: 'start it' });
  return {
    name,
    type: 'openai_compat',
    model: 'm1',
    capabilities: () => ({ streaming: true, structured: true }),
    listModels: async () => accept(['m1']),
    healthcheck: async () => (health === 'up' ? accept({ latencyMs: 3, models: ['m1', 'm2'] }) : down),
    chatOnce: async () => down,
    async *chatStream() {
      yield { kind: 'end', outcome: down };
    },
  };
}

const activeOf = (context: EngineContext) =>
  context.store.read(async (reads) => (await activeProvider(context, reads)).name);
async function told(context: EngineContext): Promise<string[]> {
  const { entries } = await queryLog(context, { order: 'oldest', limit: 100 });
  return entries.flatMap((body) =>
    body.event.startsWith('provider.') ? [`${body.event} ${body.actor.principal} ${JSON.stringify(body.detail)}`] : [],
  );
}

/** A context whose configuration can be written anew. */
function configured(context: EngineContext, ...first: readonly ModelProvider[]) {
  let now = fakeProviders(...first);
  let next: ProviderReload = { kind: 'same' };
  const providers: EngineContext['providers'] = {
    all: () => now.all(),
    named: (name) => now.named(name),
    entries: () => now.entries(),
    get byDefault() {
      return now.byDefault;
    },
    look: () => '',
    reload: () => next,
    faults: () => [],
  };
  return {
    context: { ...context, providers },
    async write(...written: readonly ModelProvider[]) {
      now = fakeProviders(...written);
      next = { kind: 'changed' };
      return await providersHaveChanged({ ...context, providers }, '');
    },
    async spoil() {
      next = { kind: 'refused', faults: [{ file: 'provider.json', line: 3, problem: 'is not JSON' }] };
      return await providersHaveChanged({ ...context, providers }, '');
    },
  };
}

it('rules are active where nothing is configured, and a switch is for new requests, told in the audit (OR-5)', async () => {
  await withSession(async (session) => {
    const bare = session.context;
    expect(await activeOf(bare)).toBe('rules');
    const { context } = configured(bare, named('local'), named('cloud'));
    expect(await activeOf(context)).toBe('local');
    const under = await context.store.read((reads) => activeProvider(context, reads));
    expect(await switchProvider(context, callerOf('carol'), 'cloud')).toMatchObject({
      ok: true,
      value: { active: 'cloud' },
    });
    expect(await activeOf(context)).toBe('cloud');
    expect(under.name, 'what is under way keeps its own').toBe('local');
    expect(await switchProvider(context, callerOf('carol'), 'clod')).toMatchObject({
      ok: false,
      code: 'E_VALIDATION',
      detail: { field: '/active', did_you_mean: expect.arrayContaining(['cloud']), next: expect.any(String) },
    });
    expect(await told(context)).toEqual(['provider.switched carol {"from":"local","to":"cloud"}']);
  });
});

it('a switch holds over a start; another choice in the configuration takes its place, and is told as its own', async () => {
  await withSession(async (session) => {
    const { context, write, spoil } = configured(session.context, named('local'), named('cloud'));
    await providersAtStart(context);
    await switchProvider(context, callerOf('carol'), 'cloud');
    await providersAtStart(context);
    expect(await activeOf(context)).toBe('cloud');
    // The same choice with other providers beside it is no other choice.
    expect(await write(named('local'), named('cloud'), named('third'))).toEqual({ kind: 'changed' });
    expect(await activeOf(context)).toBe('cloud');
    await write(named('third'), named('local'));
    expect(await activeOf(context)).toBe('third');
    expect(await spoil()).toMatchObject({ kind: 'refused' });
    expect(await activeOf(context), 'the old set stays').toBe('third');
    expect((await told(context)).map((line) => line.split(' {')[0])).toEqual([
      'provider.switched carol',
      'provider.changed system',
      'provider.changed system',
      'provider.switched system',
      'provider.refused system',
    ]);
  });
});

it('a provider that is configured no more gives way to the configuration, and that to rules', async () => {
  await withSession(async (session) => {
    const { context, write } = configured(session.context, named('local'), named('cloud'));
    await switchProvider(context, callerOf('carol'), 'cloud');
    await write(named('local'));
    expect(await activeOf(context)).toBe('local');
    await write();
    expect(await activeOf(context)).toBe('rules');
  });
});

it('a test tells latency and models, or a clear error; both are in the audit', async () => {
  await withSession(async (session) => {
    const { context } = configured(session.context, named('up'), named('off', 'down'));
    const signal = new AbortController().signal;
    expect(await testProvider(context, callerOf('carol'), 'up', signal)).toMatchObject({
      ok: true,
      value: { ok: true, latency_ms: 3, models: ['m1', 'm2'], has_model: true, error: null },
    });
    expect(await testProvider(context, callerOf('carol'), 'off', signal)).toMatchObject({
      ok: true,
      value: { ok: false, models: [], error: { code: 'E_PROVIDER_UNAVAILABLE', next: 'start it' } },
    });
    expect(await testProvider(context, callerOf('carol'), 'none', signal)).toMatchObject({
      ok: false,
      code: 'E_NOT_FOUND',
    });
    expect(await told(context)).toEqual([
      'provider.tested carol {"latency_ms":3}',
      'provider.tested carol {"code":"E_PROVIDER_UNAVAILABLE"}',
    ]);
  });
});
