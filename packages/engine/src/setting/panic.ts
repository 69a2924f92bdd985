import type { Reads } from '@countersign/kernel';
import { accept, type Outcome, refuse } from '@countersign/protocol';
import { recordAudit } from '../audit/record-audit.ts';
import { type Actor, actorOf, type Caller, systemActor } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { jobsTopic } from '../context/wake-ups.ts';
import { withoutSecrets } from '../operation/admit-proposal.ts';

/** Whether panic mode is on: nothing starts, and running work stops between steps. */
export async function panicIsOn(reads: Pick<Reads, 'settings'>): Promise<boolean> {
  return (await reads.settings.get('panic')) === true;
}

/**
 * Switches panic mode on or lifts it. Only a person lifts it: what was stopped in fright is set loose by somebody who is
 * really there.
 */
export async function setPanic(
  context: EngineContext,
  caller: Caller,
  on: boolean,
  reason: string,
): Promise<Outcome<null>> {
  if (!on && (caller.principal.ai || caller.principal.kind !== 'person')) {
    return refuse('E_AUTH_FORBIDDEN', 'only a person may lift panic mode', { next: 'ask an administrator' });
  }
  await switchPanic(context, actorOf(caller.principal), caller.correlationId, on, reason);
  return accept(null);
}

/** Switches panic mode on by the word of whoever may send signals to the server's process. */
export async function panicBySignal(context: EngineContext, signal: string): Promise<void> {
  const actor = { ...systemActor, principal: `signal:${signal}` };
  await switchPanic(context, actor, context.ids.next(), true, `the server's process got ${signal}`);
}

async function switchPanic(
  context: EngineContext,
  actor: Actor,
  correlationId: string,
  on: boolean,
  reason: string,
): Promise<void> {
  await commit(context, 'panic', async (unit) => {
    await unit.settings.set('panic', on);
    await recordAudit(context, unit, {
      event: on ? 'panic.on' : 'panic.off',
      actor,
      subject: { kind: 'installation', id: context.settings.installation },
      outcome: 'ok',
      correlationId,
      detail: { reason: withoutSecrets(reason) },
    });
  });
  context.wake.notify(jobsTopic);
}
