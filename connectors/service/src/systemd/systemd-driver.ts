import { ConnectorError } from '@countersign/connector-kit';
import type { Driver, LogProgram } from '../driver/driver.ts';
import { noAnswer, safeWords } from '../errors.ts';
import { digestOf, type Host } from '../host/host.ts';
import type { Service } from '../service.ts';
import { readEntry } from './journal.ts';
import { systemctlRefusal } from './systemctl-errors.ts';
import { dependentsOf, type Properties, readProperties, serviceOf, unitProperties } from './unit.ts';
import { readUnitFiles, readUnits } from './unit-list.ts';

const quiet = ['--no-pager', '--no-ask-password'] as const;
const plain = ['--plain', '--no-legend', '--full', '--type=service'] as const;

/** systemd's name of a service: `nginx` is `nginx.service`. */
function unitName(name: string): string {
  return name.endsWith('.service') ? name : `${name}.service`;
}

function journal(service: Service, query: Parameters<Driver['log']>[1]): LogProgram {
  const since = query.sinceSeconds === undefined ? [] : [`--since=@${query.sinceSeconds}`];
  const follow = query.follow ? ['--follow'] : [];
  return {
    call: {
      file: 'journalctl',
      args: [
        ...['--no-pager', '--quiet', '--output=json', '--output-fields=MESSAGE', `--lines=${query.tail}`],
        ...since,
        ...follow,
        `--unit=${service.name}`,
      ],
    },
    parse: readEntry,
    lastOnly: false,
    problem: (code, _stdout, stderr) => {
      if (/insufficient permissions|not seeing messages/i.test(stderr)) return `not permitted: ${safeWords(stderr)}`;
      return code === 0 || code === null ? undefined : safeWords(stderr);
    },
  };
}

/** Services of systemd, by `systemctl` and `journalctl`. */
export function systemdDriver(host: Host): Driver {
  const systemctl = async (what: string, args: readonly string[], signal: AbortSignal): Promise<string> => {
    const { code, stdout, stderr } = await host.look({ what, file: 'systemctl', args: [...quiet, ...args], signal });
    if (code === 0) return stdout;
    const refusal = systemctlRefusal('services', code, stderr);
    throw refusal ?? noAnswer('systemd', stderr, 'run "systemctl status" on the host');
  };
  const show = async (unit: string, signal: AbortSignal): Promise<Properties> =>
    readProperties(
      await systemctl(
        `read the state of ${unit}`,
        ['show', `--property=${unitProperties.join(',')}`, '--', unit],
        signal,
      ),
    );
  const running = async (names: readonly string[], signal: AbortSignal): Promise<string[]> => {
    if (names.length === 0) return [];
    // Exits with 3 where one of them does not run, so its code says nothing.
    const call = {
      what: 'find services that depend on it',
      file: 'systemctl',
      args: [...quiet, 'is-active', '--', ...names],
      signal,
    };
    const states = (await host.look(call)).stdout.trim().split('\n');
    return names.filter((_name, index) => states[index] === 'active');
  };
  const definition = async (unit: Properties, signal: AbortSignal): Promise<string | null> => {
    const paths = [unit.get('FragmentPath') ?? '', ...(unit.get('DropInPaths') ?? '').split(' ')];
    const text = await host.readFiles(
      paths.filter((path) => path.startsWith('/')),
      signal,
    );
    return text === undefined ? null : digestOf(text);
  };
  return {
    name: 'systemd',
    async version(signal) {
      const text = await systemctl('read its version', ['--version'], signal);
      return /^systemd \d+/.exec(text)?.[0] ?? 'systemd';
    },
    async list(signal) {
      const units = readUnits(await systemctl('list the services', [...plain, '--all', 'list-units'], signal));
      const files = readUnitFiles(await systemctl('list the unit files', [...plain, 'list-unit-files'], signal));
      const loaded = new Set(units.map(({ name }) => name));
      return [...units, ...files.filter(({ name }) => !loaded.has(name))].sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async inspect(name, signal) {
      const unit = await show(unitName(name), signal);
      const found = serviceOf(unit, { definition: null, dependents: [] });
      if (found === undefined) return undefined;
      const dependents = await running(dependentsOf(unit), signal);
      return { ...found, definition: await definition(unit, signal), dependents };
    },
    async act(verb, name, timeoutMs, signal) {
      const unit = unitName(name);
      const { code, stderr } = await host.act({
        what: `${verb} ${unit}`,
        file: 'systemctl',
        args: [...quiet, verb, '--', unit],
        timeoutMs,
        signal,
      });
      if (code === 0) return { said: 'done' };
      const refusal = systemctlRefusal(unit, code, stderr);
      if (refusal !== undefined) throw refusal;
      if (code === null) {
        throw new ConnectorError('E_TARGET_UNREACHABLE', `systemctl was ended while it was to ${verb} ${unit}`);
      }
      return { said: 'failed', why: safeWords(stderr) };
    },
    log: journal,
    wasAsked: async () => undefined,
  };
}
