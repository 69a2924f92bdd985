import type { Reads } from '@countersign/kernel';
import { recordAudit } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { jobsTopic } from '../context/wake-ups.ts';
import { withoutSecrets } from '../operation/admit-proposal.ts';

/** Whether panic mode is on: nothing starts, and running work stops between steps. */
export async function panicIsOn(reads: Pick<Reads, 'settings'>): Promise<boolean> {
  return (await reads.settings.get('panic')) === true;
}

/** Switches panic mode on or lifts it. */
export async function setPanic(context: EngineContext, caller: Caller, on: boolean, reason: string): Promise<void> {
  await commit(context, 'panic', async (unit) => {
    await unit.settings.set('panic', on);
    await recordAudit(context, unit, {
      event: on ? 'panic.on' : 'panic.off',
      actor: actorOf(caller.principal),
      subject: { kind: 'installation', id: context.settings.installation },
      outcome: 'ok',
      correlationId: caller.correlationId,
      detail: { reason: withoutSecrets(reason) },
    });
  });
  context.wake.notify(jobsTopic);
}
