import { type EngineContext, planPrompt, switchProvider, testProvider, viewProviders } from '@countersign/engine';
import type { Plan2View, PlanPromptView, ProvidersView, SourceProviderView } from '@countersign/protocol';
import { ok, unwrap } from '../http/handler.ts';
import type { Handlers } from './handlers.ts';

type Noun = Pick<
  Handlers,
  | 'planPrompt'
  | 'aliasPlan2'
  | 'providerList'
  | 'providerSwitch'
  | 'providerTest'
  | 'aliasProvider'
  | 'aliasProviderSwitch'
>;

/** An answer in the source's words and nothing beyond them. */
function plan2({ plan, meta }: PlanPromptView): Plan2View {
  const { actions, ...said } = plan;
  return {
    plan: {
      ...said,
      actions: actions.map(({ provider, action, params, client_request_id }) => ({
        provider,
        action,
        params,
        client_request_id,
      })),
    },
    meta: { model: meta.model, duration: meta.duration, tokens_in: meta.tokens_in, tokens_out: meta.tokens_out },
  };
}

/** The source's `provider.json`, without keys. */
function sourceForm({ active, providers }: ProvidersView): SourceProviderView {
  return {
    active,
    providers: Object.fromEntries(
      providers.map(({ name, type, base_url, model }) => [
        name,
        { type, ...(base_url === null ? {} : { base_url }), model },
      ]),
    ),
  };
}

/** Handlers of planners and of the providers that they ask. */
export function plannerRoutes(context: EngineContext): Noun {
  return {
    planPrompt: async ({ caller, body, signal }) => ok(unwrap(await planPrompt(context, caller, body, signal))),
    aliasPlan2: async ({ caller, body, signal }) => ok(plan2(unwrap(await planPrompt(context, caller, body, signal)))),
    providerList: async () => ok(await viewProviders(context)),
    providerSwitch: async ({ caller, body }) => ok(unwrap(await switchProvider(context, caller, body.active))),
    providerTest: async ({ caller, params, signal }) =>
      ok(unwrap(await testProvider(context, caller, params.name, signal))),
    aliasProvider: async () => ok(sourceForm(await viewProviders(context))),
    aliasProviderSwitch: async ({ caller, body }) =>
      ok(sourceForm(unwrap(await switchProvider(context, caller, body.active)))),
  };
}
