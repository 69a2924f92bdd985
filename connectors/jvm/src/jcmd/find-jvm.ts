import { ConnectorError, nearestNames } from '@countersign/connector-kit';
import type { Counters } from './counters.ts';
import { type Flags, readFlags } from './flags.ts';
import type { Jcmd } from './jcmd.ts';
import type { ListedJvm } from './jvm-list.ts';

/** One JVM with what stays the same while it runs, and what it counts. */
export interface Jvm extends ListedJvm {
  readonly counters: Counters;
  readonly flags: Flags;
}

/** What a reference names: one JVM, or a sentence on why none. */
export type Found =
  | { readonly asked: string; readonly jvm: Jvm }
  | { readonly asked: string; readonly jvm: undefined; readonly why: string; readonly choices: readonly string[] };

/** As people tell JVMs of one name apart. */
function labelOf({ pid, name }: ListedJvm): string {
  return `${name} (${pid})`;
}

function none(asked: string, why: string, choices: readonly string[]): Found {
  return { asked, jvm: undefined, why, choices };
}

const unseen = 'JVMs of other users are not seen: run the worker as their user, or as root';

/**
 * Looks a JVM up by its number, main class or jar file, among those that jcmd lists. A number that is not listed is asked for
 * nothing: to attach, jcmd sends SIGQUIT, which ends any process that is no JVM.
 */
export async function findJvm(jcmd: Jcmd, asked: string, signal: AbortSignal): Promise<Found> {
  const all = await jcmd.list(signal);
  const [listed, ...others] = all.filter(({ pid, name }) => String(pid) === asked || name === asked);
  if (listed === undefined) {
    const near = nearestNames(asked, [...new Set(all.map(({ name }) => name))]);
    return none(asked, `no JVM ${asked}; ${near.length === 0 ? unseen : `nearest: ${near.join(', ')}`}`, near);
  }
  if (others.length > 0) {
    const choices = [listed, ...others].map(labelOf);
    return none(
      asked,
      `${choices.length} JVMs are called ${asked}: ${choices.join(', ')}; name one by its number`,
      choices,
    );
  }
  const counters = await jcmd.counters(listed.pid, signal);
  if (counters === undefined) return none(asked, `${labelOf(listed)} has just ended`, []);
  return { asked, jvm: { ...listed, counters, flags: readFlags(await jcmd.ask(listed.pid, ['VM.flags'], signal)) } };
}

/** Looks a JVM up; throws E_TARGET_MISSING with the nearest names, or with those that share the name. */
export async function requireJvm(jcmd: Jcmd, asked: string, signal: AbortSignal): Promise<Jvm> {
  const found = await findJvm(jcmd, asked, signal);
  if (found.jvm !== undefined) return found.jvm;
  throw new ConnectorError('E_TARGET_MISSING', found.why, {
    effect: 'none',
    detail: { jvm: asked, choices: [...found.choices], next: unseen },
  });
}
