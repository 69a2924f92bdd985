import { accept, type Outcome, type ProvidersView, refuse } from '@countersign/protocol';
import { recordAudit } from '../audit/record-audit.ts';
import { nearest } from '../catalogue/nearest.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { activeProvider, activeSetting } from './active-provider.ts';
import { viewProviders } from './view-providers.ts';

/** Makes another provider active for requests from here on; those under way keep theirs. E_VALIDATION for a name that is not configured. */
export async function switchProvider(
  context: EngineContext,
  caller: Caller,
  name: string,
): Promise<Outcome<ProvidersView>> {
  const names = context.providers.all().map((provider) => provider.name);
  if (!names.includes(name)) {
    return refuse('E_VALIDATION', `there is no provider "${name}"`, {
      field: '/active',
      did_you_mean: nearest(name, names),
      choices: names,
      next: 'see `countersign provider ls`, or add it to the configuration',
    });
  }
  await commit(context, 'provider', async (unit) => {
    const before = (await activeProvider(context, unit)).name;
    await unit.settings.set(activeSetting, name);
    await recordAudit(context, unit, {
      event: 'provider.switched',
      actor: actorOf(caller.principal),
      subject: { kind: 'provider', id: name },
      outcome: 'ok',
      correlationId: caller.correlationId,
      detail: { from: before, to: name },
    });
  });
  return accept(await viewProviders(context));
}
