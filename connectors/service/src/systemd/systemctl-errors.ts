import type { ConnectorError } from '@countersign/connector-kit';
import { missingService, noAnswer, refused } from '../errors.ts';

const noBus =
  /Failed to connect to (?:bus|system scope bus)|has not been booted with systemd|Failed to get D-Bus connection/i;
const notAllowed = /Access denied|Interactive authentication required|authentication is required|Permission denied/i;
const noUnit = /not found\.|not loaded|No such file or directory/i;
/** Said before a job was made: nothing was done. */
const beforeJob =
  /Operation refused|is masked|Transaction (?:is destructive|for .* contains conflicting)|bad unit file setting|bad-setting|Invalid unit name/i;

/** Why systemctl did nothing; undefined where a job was made and may have been half done. */
export function systemctlRefusal(name: string, code: number | null, stderr: string): ConnectorError | undefined {
  if (noBus.test(stderr))
    return noAnswer('systemd', stderr, 'set driver in the config of the target, or run the worker where systemd is');
  if (notAllowed.test(stderr)) {
    return refused(
      `systemd does not permit this worker to change ${name}`,
      stderr,
      `let a polkit rule allow org.freedesktop.systemd1.manage-units on ${name}, or run as root`,
    );
  }
  if (beforeJob.test(stderr)) return refused(`systemd refused to change ${name}`, stderr, 'see what it said');
  return code === 5 && noUnit.test(stderr) ? missingService(name, []) : undefined;
}
