import { type Command, InvalidArgumentError, Option } from 'commander';

/** Which entries of the log a command is about. */
export interface AuditFilterOptions {
  readonly actor?: string;
  readonly event?: string;
  readonly subject?: string;
  readonly project?: string;
  readonly environment?: string;
  readonly target?: string;
  readonly outcome?: 'ok' | 'refused' | 'failed' | 'unknown';
  readonly since?: number;
  readonly until?: number;
}

function timeOption(text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new InvalidArgumentError('Expected a time such as 2026-11-21T08:00Z.');
  return at;
}

/** Adds the options by which entries are found. */
export function addAuditFilters(command: Command): Command {
  return command
    .option('--actor <name>', 'only by this principal')
    .option('--event <names>', 'only these events: run.failed, a family such as run.*, several with commas')
    .option('--subject <id>', 'only about this operation, token, …')
    .option('--project <name>', 'only about operations of this project')
    .option('--environment <name>', 'only about operations in this environment')
    .option('--target <name>', 'only about operations on this target')
    .addOption(new Option('--outcome <word>', 'only with this outcome').choices(['ok', 'refused', 'failed', 'unknown']))
    .option('--since <time>', 'only from this time on', timeOption)
    .option('--until <time>', 'only up to this time', timeOption);
}

/** The query of these options. */
export function auditFilters(options: AuditFilterOptions): AuditFilterOptions {
  const { actor, event, subject, project, environment, target, outcome, since, until } = options;
  return {
    ...(actor === undefined ? {} : { actor }),
    ...(event === undefined ? {} : { event }),
    ...(subject === undefined ? {} : { subject }),
    ...(project === undefined ? {} : { project }),
    ...(environment === undefined ? {} : { environment }),
    ...(target === undefined ? {} : { target }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  };
}
