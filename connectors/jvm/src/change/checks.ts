import type { Check } from '@countersign/protocol';
import type { Found } from '../jcmd/find-jvm.ts';

type Verdict = Pick<Check, 'status' | 'severity' | 'message'>;

const pass = (message: string): Verdict => ({ status: 'pass', severity: 'info', message });
const warn = (message: string): Verdict => ({ status: 'warn', severity: 'warning', message });
const fail = (message: string): Verdict => ({ status: 'fail', severity: 'error', message });

const gibibyte = 1024 ** 3;
/** A heap above this takes collectors that stop the program seconds. */
const longPauseBytes = 4 * gibibyte;
const concurrent: readonly string[] = ['Z', 'Shenandoah'];

function collects(label: string, collector: string, explicitGc: boolean): Verdict {
  if (collector === 'Epsilon') return fail(`${label} has a collector that never collects`);
  if (explicitGc) return pass(`${label} collects when it is asked to`);
  return warn(`${label} was started with -XX:+DisableExplicitGC: whoever did so did not want collections on demand`);
}

/** The preflight checks of one collection. Says nothing that ages. `seenBefore`: an earlier step collects in it already. */
export function gcChecks({ asked, ...found }: Found, seenBefore: boolean): Check[] {
  const of = (id: string, verdict: Verdict): Check => ({ id: `${id}:${asked}`, ...verdict });
  if (found.jvm === undefined) return [of('jvm_exists', fail(found.why))];
  const { pid, name, flags } = found.jvm;
  const { collector, maxHeapBytes, explicitGc } = flags;
  const label = `${name} (${pid})`;
  const pauses = maxHeapBytes !== null && maxHeapBytes > longPauseBytes && !concurrent.includes(collector);
  const checks = [
    of('jvm_exists', pass(`${label} runs`)),
    of('collects_when_asked', collects(label, collector, explicitGc)),
    of(
      'short_pause',
      pauses
        ? warn(
            `the heap of ${label} may hold ${Math.round(maxHeapBytes / gibibyte)} GiB: its program may stand still for seconds`,
          )
        : pass(`the collector of ${label} is ${collector}`),
    ),
  ];
  if (seenBefore) checks.push(of('collected_once', fail(`an earlier step collects in ${label} already`)));
  return checks;
}
