import { CodedError } from '@countersign/protocol';
import type { Command } from 'commander';
import { audited, subjectWithoutOperation } from '../local-audit/audited.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';

interface FreezeOptions extends CommonOptions {
  readonly reason: string;
  readonly for?: string;
}

const unitsMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a duration such as `90m`, `12h` or `3d`. */
export function durationMs(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,4})([mhd])$/.exec(text) ?? [];
  const unitMs = unitsMs[unit ?? ''];
  if (count !== undefined && unitMs !== undefined) return Number(count) * unitMs;
  throw new CodedError('E_VALIDATION', `"${text}" is no duration`, { field: '--for', next: 'write 90m, 12h or 3d' });
}

/** `countersign freeze`: nothing starts in an environment until it is thawed, or for a while. */
export function configure(command: Command, session: Session): void {
  command
    .argument('<project>', 'project')
    .argument('<environment>', 'environment of it')
    .requiredOption('--reason <text>', 'why, for the audit log')
    .option('--for <duration>', 'how long: 90m, 12h, 3d; until it is thawed when left out');
  addCommonOptions(command);
  addExamples(command, 'countersign freeze shop prod --reason "end of the quarter" --for 3d');
  setAction<FreezeOptions, [string, string]>(command, session, async (context, options, project, environment) => {
    const { client, print, deps } = context;
    const until = options.for === undefined ? undefined : deps.now() + durationMs(options.for);
    const body = { project, environment, frozen: true, reason: options.reason, ...(until !== undefined && { until }) };
    const call = () => client.call('freezeSet', { body });
    const answer = await audited(context, 'freeze', subjectWithoutOperation('installation'), call, () => 'frozen');
    print.text(`${project}/${environment} is frozen: nothing starts there.`);
    print.document(answer);
    return 0;
  });
}
