import { ConnectorError } from '@countersign/connector-kit';
import type { DriverName, ServiceConfig } from '../config.ts';
import type { Host } from '../host/host.ts';
import { supervisordDriver } from '../supervisord/supervisord-driver.ts';
import { systemdDriver } from '../systemd/systemd-driver.ts';
import { sysvinitDriver } from '../sysvinit/sysvinit-driver.ts';
import type { Driver } from './driver.ts';

function driverOf(name: DriverName, host: Host, config: ServiceConfig): Driver {
  if (name === 'systemd') return systemdDriver(host);
  return name === 'supervisord' ? supervisordDriver(host, config.supervisor_config) : sysvinitDriver(host, config);
}

/** Whether a program answers there; a program that cannot be started is an answer too. */
async function answers(driver: Driver, signal: AbortSignal): Promise<boolean> {
  try {
    await driver.version(signal);
    return true;
  } catch (cause) {
    if (signal.aborted || !(cause instanceof ConnectorError)) throw cause;
    return false;
  }
}

async function find(host: Host, config: ServiceConfig, signal: AbortSignal): Promise<Driver> {
  // What libsystemd's sd_booted(3) looks at. It also fails here, with its reason, where nothing can be run at all.
  if (await host.hasFolder('/run/systemd/system', signal)) return driverOf('systemd', host, config);
  const supervisord = driverOf('supervisord', host, config);
  if (await answers(supervisord, signal)) return supervisord;
  if (await host.hasFolder('/etc/init.d', signal)) return driverOf('sysvinit', host, config);
  throw new ConnectorError(
    'E_TARGET_UNREACHABLE',
    'no service manager was found: neither systemd nor supervisord nor init scripts',
    {
      effect: 'none',
      detail: { next: 'start one, or set driver in the config of the target' },
    },
  );
}

/**
 * Gives the driver of a target: the configured one, or the first that is there. What was found is kept for the
 * connection; that nothing was found is not.
 */
export function openDriver(host: Host, config: ServiceConfig): (signal: AbortSignal) => Promise<Driver> {
  let known = config.driver === undefined ? undefined : driverOf(config.driver, host, config);
  return async (signal) => {
    known ??= await find(host, config, signal);
    return known;
  };
}
