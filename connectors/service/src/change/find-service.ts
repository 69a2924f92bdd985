import { nearestNames } from '@countersign/connector-kit';
import type { Driver } from '../driver/driver.ts';
import { missingService } from '../errors.ts';
import type { Service } from '../service.ts';

/** What a name names: a service, or nothing but these nearest names. */
export type Found =
  | { readonly asked: string; readonly service: Service }
  | { readonly asked: string; readonly service: undefined; readonly nearest: readonly string[] };

/** Looks a service up. */
export async function findService(driver: Driver, asked: string, signal: AbortSignal): Promise<Found> {
  const service = await driver.inspect(asked, signal);
  if (service !== undefined) return { asked, service };
  const names = (await driver.list(signal)).map(({ name }) => shortName(name));
  return { asked, service, nearest: nearestNames(shortName(asked), names) };
}

/** Looks a service up; throws E_TARGET_MISSING with the nearest names if there is none. */
export async function requireService(driver: Driver, asked: string, signal: AbortSignal): Promise<Service> {
  const found = await findService(driver, asked, signal);
  if (found.service === undefined) throw missingService(asked, found.nearest);
  return found.service;
}

/** As people say it: without systemd's suffix. */
export function shortName(name: string): string {
  return name.replace(/\.service$/, '');
}
