import type { AnyConnector, ConnectedTarget } from '@countersign/connector-kit';

/** How a call goes wrong: it fails, it never ends, or it does its work and then fails. */
export type Mode = 'fails' | 'hangs' | 'works, then fails';
export const modes: readonly Mode[] = ['fails', 'hangs', 'works, then fails'];

/** The calls of a connector that are counted. */
export type Call = Exclude<keyof ConnectedTarget, 'close' | 'readiness' | 'replay'>;

/** Which calls go wrong, by their number from 1 over all kinds of calls, and what was called. */
export interface Trap {
  readonly wrong: ReadonlyMap<number, Mode>;
  readonly calls: Call[];
  readonly fired: { call: Call; mode: Mode }[];
}

/** Breaks a call with an error that says nothing of the effect, as a broken library throws; one that hangs ignores its signal too. */
async function counted<Answer>(trap: Trap, call: Call, work: () => Promise<Answer>): Promise<Answer> {
  trap.calls.push(call);
  const mode = trap.wrong.get(trap.calls.length);
  if (mode === undefined) return await work();
  trap.fired.push({ call, mode });
  if (mode === 'works, then fails') await work();
  if (mode === 'hangs') await new Promise<never>(() => undefined);
  throw new Error(`planted: ${call} ${mode}`);
}

/** A connector of which some calls go wrong; everything else is the real one on the real system. `timeoutMs` bounds each action. */
export function faultyConnector(real: AnyConnector, trap: Trap, timeoutMs: number): AnyConnector {
  return {
    ...real,
    actions: real.actions.map((action) => ({ ...action, timeoutMs })),
    connect(config, ports) {
      const target = real.connect(config, ports);
      const at = <Answer>(call: Call, work: () => Promise<Answer>) => counted(trap, call, work);
      return {
        readiness: (signal) => target.readiness(signal),
        plan: (steps, context) => at('plan', () => target.plan(steps, context)),
        observe: (steps, context) => at('observe', () => target.observe(steps, context)),
        before: (step, guard, context) => at('before', () => target.before(step, guard, context)),
        apply: (step, before, guard, context) => at('apply', () => target.apply(step, before, guard, context)),
        verify: (step, before, applied, context) => at('verify', () => target.verify(step, before, applied, context)),
        reconcile: (step, intent, context) => at('reconcile', () => target.reconcile(step, intent, context)),
        replay: (...given) => target.replay(...given),
        read: (step, context) => at('read', () => target.read(step, context)),
        close: () => target.close(),
      };
    },
  };
}
