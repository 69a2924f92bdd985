import type { Reads } from '@countersign/kernel';
import { accept, type Outcome, refuse } from '@countersign/protocol';
import { recordAlone, recordAudit } from '../audit/record-audit.ts';
import { type Actor, actorOf, type Caller, systemActor } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { jobsTopic } from '../context/wake-ups.ts';
import { withoutSecrets } from '../operation/admit-proposal.ts';
import { requireStepUp } from '../step-up/require-step-up.ts';

/** Whether panic mode is on: nothing starts, and running work stops between steps. */
export async function panicIsOn(reads: Pick<Reads, 'settings'>): Promise<boolean> {
  return (await reads.settings.get('panic')) === true;
}

function mayLift(context: EngineContext, caller: Caller): Outcome<unknown> {
  if (caller.principal.ai || caller.principal.kind !== 'person') {
    return refuse('E_AUTH_FORBIDDEN', 'only a person may lift panic mode', { next: 'ask an administrator' });
  }
  return requireStepUp(context, caller, 'lifting panic mode');
}

/**
 * Switches panic mode on or lifts it. Only a person who has just proven who they are lifts it: what was stopped in fright is
 * set loose by somebody who is really there. A refusal is told in the audit.
 */
export async function setPanic(
  context: EngineContext,
  caller: Caller,
  on: boolean,
  reason: string,
): Promise<Outcome<null>> {
  const may = on ? accept(null) : mayLift(context, caller);
  if (!may.ok) {
    await recordAlone(context, {
      event: 'panic.off',
      actor: actorOf(caller.principal),
      subject: { kind: 'installation', id: context.settings.installation },
      outcome: 'refused',
      correlationId: caller.correlationId,
      detail: { code: may.code, message: may.message },
    });
    return may;
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
