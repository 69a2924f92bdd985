import type { ActionManifest, Effect, Risk } from '@countersign/protocol';

const effects: readonly Effect[] = ['read', 'write', 'destructive'];
const risks: readonly Risk[] = ['low', 'medium', 'high'];

/** The strongest effect and the highest risk among an operation's actions. */
export function strictest(actions: readonly ActionManifest[]): { effect: Effect; risk: Risk } {
  const effect = effects.findLast((known) => actions.some((action) => action.effect === known)) ?? 'destructive';
  const risk = risks.findLast((known) => actions.some((action) => action.risk === known)) ?? 'high';
  return { effect, risk };
}
