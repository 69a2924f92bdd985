export { openPlanners, type PlannerSettings } from './open-planners.ts';
export { createProvider, defaultBaseUrls } from './provider/create-provider.ts';
export type { ProviderCall, ProviderHost, ProviderSettings } from './provider/provider-settings.ts';
export { rulesProvider } from './provider/rules-provider.ts';

export { rulesPlanner } from './rules/rules-planner.ts';
