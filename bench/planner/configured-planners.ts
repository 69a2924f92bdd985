import { randomBytes } from 'node:crypto';
import { openPlanners } from '@countersign/ai';
import type { Planner } from '@countersign/kernel';
import { monotonicClock } from '../../apps/countersign/src/compose/clock.ts';
import { openOutbound } from '../../apps/countersign/src/compose/outbound.ts';
import { loadConfig } from '../../apps/countersign/src/config/load-config.ts';
import { openProviders } from '../../apps/countersign/src/provider/open-providers.ts';

/** Names the `countersign.yaml` whose models are measured beside the rules; without it only the rules are. */
const configVariable = 'COUNTERSIGN_BENCH_CONFIG';

/** A planner for each configured model. */
export function configuredPlanners(): { readonly name: string; readonly planner: Planner }[] {
  const { env } = process;
  const file = env[configVariable];
  if (file === undefined) return [];
  const loaded = loadConfig({ cwd: process.cwd(), config: file, dataDir: process.cwd() });
  if (loaded === null) return [];
  const providers = openProviders(loaded, { env, now: monotonicClock.now, outbound: openOutbound(loaded) });
  const planners = openPlanners({
    outputTokens: 2000,
    timeoutMs: 120_000,
    nonce: () => randomBytes(16).toString('hex'),
    now: monotonicClock.now,
  });
  return providers
    .all()
    .filter(({ type }) => type !== 'rules')
    .map((provider) => ({
      name: `${provider.name} (${provider.model})`,
      planner: planners.model(provider, () => true),
    }));
}
