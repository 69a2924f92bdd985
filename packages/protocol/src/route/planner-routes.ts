import { z } from 'zod';
import { Plan2Request, Plan2View, PlanPromptRequest, PlanPromptView } from '../planner/plan-prompt.ts';
import { ProviderHealthView, ProviderSwitchRequest, ProvidersView, SourceProviderView } from '../provider/provider.ts';
import { Name } from '../scalar/scalar.ts';
import type { RouteDefinition } from './route.ts';

const planning = { method: 'POST', permission: 'actions', scope: 'operations:propose', limit: 'write' } as const;
const providers = { permission: 'admin', scope: 'admin', reach: 'installation' } as const;
const alias = { lane: 'alias', flag: 'source_aliases' } as const;

/** Turning sentences into typed plans, and the providers of models that may help with it. */
export const plannerRoutes = {
  planPrompt: {
    ...planning,
    path: '/v1/plans',
    lane: 'ui',
    reach: 'project',
    summary: 'Turns a sentence into typed actions, a question, or a refusal. Nothing is proposed by this.',
    body: PlanPromptRequest,
    answers: { 200: PlanPromptView },
  },
  aliasPlan2: {
    ...planning,
    ...alias,
    path: '/ai/plan2',
    reach: 'project',
    summary: "The same in the source's words.",
    body: Plan2Request,
    answers: { 200: Plan2View },
  },
  providerList: {
    ...providers,
    method: 'GET',
    path: '/v1/providers',
    lane: 'ui',
    limit: 'read',
    summary: 'The configured providers of models, without keys, and which is active.',
    answers: { 200: ProvidersView },
  },
  providerSwitch: {
    ...providers,
    method: 'PUT',
    path: '/v1/providers',
    lane: 'ui',
    limit: 'write',
    summary: 'Makes another provider active, for new requests only.',
    body: ProviderSwitchRequest,
    answers: { 200: ProvidersView },
  },
  providerTest: {
    ...providers,
    method: 'POST',
    path: '/v1/providers/:name/test',
    lane: 'ui',
    limit: 'write',
    summary: 'Asks a provider whether it answers, and for its models.',
    params: z.strictObject({ name: Name }),
    body: z.strictObject({}),
    answers: { 200: ProviderHealthView },
  },
  aliasProvider: {
    ...providers,
    ...alias,
    method: 'GET',
    path: '/ops/provider',
    limit: 'read',
    summary: "The configured providers in the source's form, without keys.",
    answers: { 200: SourceProviderView },
  },
  aliasProviderSwitch: {
    ...providers,
    ...alias,
    method: 'PUT',
    path: '/ops/provider',
    limit: 'write',
    summary: "Makes another provider active, in the source's form.",
    body: ProviderSwitchRequest,
    answers: { 200: SourceProviderView },
  },
} as const satisfies Record<string, RouteDefinition>;
