import { ExecPlace } from '@countersign/transport';
import { z } from 'zod';
import { ServiceName } from './service-name.ts';

const AbsolutePath = z
  .string()
  .max(1024)
  .regex(/^\/[^\0]*$/, 'use an absolute path');

/** The programs that keep services, in the order in which they are looked for. */
export const DriverName = z.enum(['systemd', 'supervisord', 'sysvinit']);
export type DriverName = z.infer<typeof DriverName>;

/** Settings of a target whose services are kept by one service manager. */
export const ServiceConfig = z.strictObject({
  place: ExecPlace.describe(
    "Where the services run: on the worker's own host if left out, in a container, or behind SSH.",
  ),
  driver: DriverName.optional().describe(
    'Which service manager is asked. Left out: systemd, supervisord or sysvinit, the first that is there.',
  ),
  supervisor_config: AbsolutePath.optional().describe(
    "supervisord: the configuration file that names its socket. Left out: supervisorctl's own search.",
  ),
  pid_files: z
    .record(ServiceName, AbsolutePath)
    .default({})
    .describe('sysvinit: where services keep their pid, for those whose script does not say so.'),
  log_files: z
    .record(ServiceName, AbsolutePath)
    .default({})
    .describe('sysvinit: where services write their log, as sysvinit keeps none.'),
});
export type ServiceConfig = z.infer<typeof ServiceConfig>;
