import type { ProviderReload } from '@countersign/kernel';
import { recordAlone, recordAudit } from '../audit/record-audit.ts';
import { systemActor } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { activeProvider, activeSetting, defaultSetting } from './active-provider.ts';

/** Where the configuration names another active provider than it did, that is a switch, made by whoever may write it. */
async function followDefault(context: EngineContext, correlationId: string): Promise<void> {
  const { byDefault } = context.providers;
  const known = await context.store.read((reads) => reads.settings.get(defaultSetting));
  if (known === byDefault) return;
  await commit(context, 'provider', async (unit) => {
    const before = (await activeProvider(context, unit)).name;
    await unit.settings.set(defaultSetting, byDefault);
    // At the first start of an installation nothing was chosen yet that this could take the place of.
    if (known === undefined && (await unit.settings.get(activeSetting)) === undefined) return;
    await unit.settings.set(activeSetting, null);
    await recordAudit(context, unit, {
      event: 'provider.switched',
      actor: systemActor,
      subject: { kind: 'provider', id: byDefault },
      outcome: 'ok',
      correlationId,
      detail: {
        from: typeof known === 'string' && before === byDefault ? known : before,
        to: byDefault,
        by: 'configuration',
      },
    });
  });
}

/** At the start of a server: what its configuration says is active now counts, where it says something new. */
export async function providersAtStart(context: EngineContext): Promise<void> {
  await followDefault(context, context.ids.next());
}

/** What the watcher of the files calls. A configuration that is not valid changes nothing, and is told of in the audit once. */
export async function providersHaveChanged(context: EngineContext, key: string): Promise<ProviderReload> {
  const read = context.providers.reload(key);
  if (read.kind === 'same') return read;
  const correlationId = context.ids.next();
  const subject = { kind: 'installation', id: context.settings.installation };
  if (read.kind === 'refused') {
    await recordAlone(context, {
      event: 'provider.refused',
      actor: systemActor,
      subject,
      outcome: 'refused',
      correlationId,
      detail: { faults: read.faults.slice(0, 20).map(({ file, line, problem }) => ({ file, line, problem })) },
    });
    return read;
  }
  await recordAlone(context, {
    event: 'provider.changed',
    actor: systemActor,
    subject,
    outcome: 'ok',
    correlationId,
    detail: { providers: context.providers.all().map(({ name }) => name) },
  });
  await followDefault(context, correlationId);
  return read;
}
