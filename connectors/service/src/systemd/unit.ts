import type { Phase, Service } from '../service.ts';

/** What is read of a unit; systemd prints those that it knows, in an order of its own. */
export const unitProperties = [
  'Id',
  'Description',
  'LoadState',
  'LoadError',
  'ActiveState',
  'SubState',
  'Type',
  'RemainAfterExit',
  'MainPID',
  'NRestarts',
  'InvocationID',
  'ExecMainStartTimestampMonotonic',
  'ActiveEnterTimestamp',
  'ExecMainCode',
  'ExecMainStatus',
  'Result',
  'Job',
  'UnitFileState',
  'FragmentPath',
  'DropInPaths',
  'NeedDaemonReload',
  'CanStart',
  'CanStop',
  'RefuseManualStart',
  'RefuseManualStop',
  'RequiredBy',
  'BoundBy',
  'ConsistsOf',
  'TriggeredBy',
] as const;

/** The properties of one unit, as `systemctl show` prints them. */
export type Properties = ReadonlyMap<string, string>;

/** Reads `Name=value` lines. */
export function readProperties(text: string): Properties {
  return new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const at = line.indexOf('=');
      return at < 1 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
    }),
  );
}

/** A unit's state in our words. `auto-restart` is the pause before systemd starts a crashed service again. */
export function phaseOf(active: string, sub: string): Phase {
  if (sub.startsWith('auto-restart')) return 'restarting';
  if (active === 'active' || active === 'reloading' || active === 'refreshing') return 'running';
  if (active === 'activating') return 'starting';
  if (active === 'deactivating') return 'stopping';
  if (active === 'inactive') return 'stopped';
  return active === 'failed' ? 'failed' : 'unknown';
}

/** `Sat 2026-11-28 22:24:42 UTC` as RFC 3339; null where systemd says that it never was. */
export function readTime(text: string): string | null {
  const [, day, time] = /^[A-Z][a-z]{2} (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?) UTC$/.exec(text) ?? [];
  return day === undefined || time === undefined ? null : `${day}T${time}Z`;
}

/** siginfo's codes: how the main process ended. */
const endings: Readonly<Record<string, string>> = { 1: 'exit code', 2: 'killed by signal', 3: 'dumped core on signal' };

function exitOf(unit: Properties): string | null {
  const how = endings[unit.get('ExecMainCode') ?? ''];
  const result = unit.get('Result') ?? '';
  const said = how === undefined ? '' : `${how} ${unit.get('ExecMainStatus')}`;
  if (result === '' || result === 'success') return said === '' ? null : said;
  return said === '' ? result : `${result}, ${said}`;
}

function obstaclesOf(unit: Properties): Service['obstacles'] {
  const yes = (name: string): boolean => unit.get(name) === 'yes';
  const start: string[] = [];
  const stop: string[] = [];
  const loaded = unit.get('LoadState');
  if (loaded === 'masked') start.push('it is masked: "systemctl unmask" it first');
  else if (loaded !== 'loaded') start.push(`its unit file cannot be used (${loaded}): ${unit.get('LoadError') ?? ''}`);
  if (yes('RefuseManualStart')) start.push('its unit says RefuseManualStart: systemd starts it by dependency alone');
  if (yes('RefuseManualStop')) stop.push('its unit says RefuseManualStop: systemd stops it by dependency alone');
  if (loaded === 'loaded' && unit.get('CanStart') === 'no') start.push('systemd says that it cannot be started');
  if (unit.get('CanStop') === 'no') stop.push('systemd says that it cannot be stopped');
  if (unit.get('Type') === 'oneshot' && !yes('RemainAfterExit')) {
    start.push('it is of type oneshot and ends by itself: nothing stays to be read back');
  }
  return { start, stop };
}

function cautionsOf(unit: Properties): string[] {
  const cautions: string[] = [];
  if (unit.get('NeedDaemonReload') === 'yes') {
    cautions.push('its unit file changed on disk: until "systemctl daemon-reload" it starts by the old one');
  }
  const triggers = words(unit.get('TriggeredBy'));
  if (triggers.length > 0) cautions.push(`${triggers.join(', ')} may start it again`);
  return cautions;
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(' ').filter((word) => word !== '');
}

/** Services that stop with it; whether they run is for the caller to find out. */
export function dependentsOf(unit: Properties): string[] {
  const names = ['RequiredBy', 'BoundBy', 'ConsistsOf'].flatMap((property) => words(unit.get(property)));
  return [...new Set(names.filter((name) => name.endsWith('.service')))].sort();
}

/** A unit as a service; undefined if there is no such unit. `definition` and `dependents` are the caller's to find. */
export function serviceOf(unit: Properties, rest: Pick<Service, 'definition' | 'dependents'>): Service | undefined {
  const [loaded, active, sub] = ['LoadState', 'ActiveState', 'SubState'].map((name) => unit.get(name) ?? '');
  // A unit whose file was deleted is "not-found" too, but may still run.
  if (active === undefined || sub === undefined || (loaded === 'not-found' && active === 'inactive')) return undefined;
  const phase = phaseOf(active, sub);
  const attempt = unit.get('InvocationID') ?? '';
  const alive = phase !== 'stopped' && phase !== 'failed' && phase !== 'restarting';
  return {
    name: unit.get('Id') ?? '',
    description: unit.get('Description') ?? '',
    phase,
    native: `${active} (${sub})`,
    pid: Number(unit.get('MainPID') ?? 0),
    start: alive ? `${attempt}.${unit.get('ExecMainStartTimestampMonotonic') ?? ''}` : '',
    attempt,
    startedAt: phase === 'running' ? readTime(unit.get('ActiveEnterTimestamp') ?? '') : null,
    restarts: Number(unit.get('NRestarts') ?? 0),
    exit: alive ? null : exitOf(unit),
    busy: (unit.get('Job') ?? '0') !== '0' && unit.get('Job') !== '',
    boot: unit.get('UnitFileState') ?? '',
    obstacles: obstaclesOf(unit),
    cautions: cautionsOf(unit),
    ...rest,
  };
}
