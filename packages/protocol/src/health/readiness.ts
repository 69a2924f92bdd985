import { z } from 'zod';

/** Whether something works. */
export const Readiness = z.enum(['ready', 'degraded', 'unavailable']);
export type Readiness = z.infer<typeof Readiness>;

/** The worst of several; ready where there is none. */
export function worstReadiness(states: readonly Readiness[]): Readiness {
  if (states.includes('unavailable')) return 'unavailable';
  return states.includes('degraded') ? 'degraded' : 'ready';
}
