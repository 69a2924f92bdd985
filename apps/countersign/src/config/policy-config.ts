import { dirname, resolve } from 'node:path';
import { type ChangeWindow, isTimeZone, weekdays } from '@countersign/engine';
import { CodedError, Name } from '@countersign/protocol';
import { z } from 'zod';
import { allowedActionForm, type PolicySource } from '../policy/policy-files.ts';
import type { LoadedConfig } from './load-config.ts';

const AllowedAction = z
  .string()
  .regex(
    allowedActionForm,
    'expected the name of an action such as repo.write_files, or the beginning of some: repo.*',
  );

/** `policies` of `countersign.yaml`. */
export const PolicySettings = z.strictObject({
  folder: z.string().min(1).optional().meta({
    description:
      'Folder with .cedar files of your own, beside those that are shipped; one with the name of a shipped file takes its place. Changes are taken over while the server runs.',
  }),
  allow_actions: z.array(AllowedAction).max(1000).optional().meta({
    description:
      'The only actions that may be proposed, read or run, by name or as repo.*; all when left out. ALLOW_ACTIONS_DEFAULT, separated by commas, is used where this is not given.',
  }),
});

const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time of day such as 09:30');
const Place = z.union([z.literal('*'), Name]);

/** `change_windows` of `countersign.yaml`. */
export const ChangeWindowEntries = z
  .array(
    z.strictObject({
      project: Place.default('*'),
      environment: Place,
      days: z
        .array(z.enum(weekdays))
        .min(1)
        .default([...weekdays]),
      from: TimeOfDay.meta({ description: 'First minute, by the clocks of the time zone.' }),
      to: TimeOfDay.meta({ description: 'Minute before which it ends; not after `from`: on the next day.' }),
      time_zone: z
        .string()
        .refine(isTimeZone, 'expected the name of a time zone such as Europe/Berlin')
        .default('UTC')
        .meta({ description: 'IANA name.' }),
    }),
  )
  .max(256)
  .default([])
  .meta({ description: 'When changes may run there; an environment without any is always open.' });

function minuteOf(time: string): number {
  const [hour = '0', minute = '0'] = time.split(':');
  return Number(hour) * 60 + Number(minute);
}

/** The configured change windows. */
export function windowsOf(entries: z.output<typeof ChangeWindowEntries>): ChangeWindow[] {
  return entries.map(({ project, environment, days, from, to, time_zone: timeZone }) => ({
    project,
    environment,
    days,
    fromMinute: minuteOf(from),
    toMinute: minuteOf(to),
    timeZone,
  }));
}

/** `ALLOW_ACTIONS_DEFAULT=gmail.send,outlook.send`; null where it is not set. Throws E_CONFIG for an entry that is no action. */
function allowedByEnvironment(env: Readonly<Record<string, string | undefined>>): readonly string[] | null {
  const text = env['ALLOW_ACTIONS_DEFAULT'];
  if (text === undefined) return null;
  const parsed = z.array(AllowedAction).safeParse(
    text
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  );
  if (parsed.success) return parsed.data;
  throw new CodedError('E_CONFIG', `ALLOW_ACTIONS_DEFAULT: ${parsed.error.issues[0]?.message ?? 'is not a list'}`, {
    field: 'ALLOW_ACTIONS_DEFAULT',
    next: 'list actions by name, separated by commas, or unset it',
  });
}

/** Where an installation's policies come from; paths are relative to the configuration file. */
export function policySourceOf(
  { file, config }: Pick<LoadedConfig, 'file' | 'config'>,
  env: Readonly<Record<string, string | undefined>>,
): PolicySource {
  const { folder, allow_actions: listed } = config.policies;
  return {
    profile: config.profile,
    folder: folder === undefined ? null : resolve(dirname(file), folder),
    allowActions: listed ?? allowedByEnvironment(env),
  };
}
