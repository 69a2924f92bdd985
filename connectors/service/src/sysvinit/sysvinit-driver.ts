import { ConnectorError } from '@countersign/connector-kit';
import type { ServiceConfig } from '../config.ts';
import type { Driver, LogProgram, LogQuery } from '../driver/driver.ts';
import { refused, safeWords } from '../errors.ts';
import { digestOf, type Host } from '../host/host.ts';
import type { Service } from '../service.ts';
import { descriptionOf, keptPid, phaseOfExit, pidFilesOf, readStatusAll, saidPid } from './init-script.ts';

const folder = '/etc/init.d';
const notAllowed = /Permission denied|Operation not permitted|must be root|not permitted/i;

function logOf(service: Service, query: LogQuery, path: string | undefined): LogProgram {
  if (path === undefined) {
    const next = `set log_files.${service.name} in the config of the target to the file that it writes`;
    throw refused('sysvinit keeps no logs', `nobody said where ${service.name} writes its log`, next);
  }
  if (query.sinceSeconds !== undefined) {
    throw new ConnectorError('E_VALIDATION', 'a log file keeps no times that could be compared', {
      effect: 'none',
      detail: { field: '/since', next: 'leave since out and ask for the last lines by tail' },
    });
  }
  const count = query.tail === 'all' ? '+1' : String(query.tail);
  return {
    call: { file: 'tail', args: ['-n', count, ...(query.follow ? ['-F'] : []), '--', path] },
    parse: (text) => ({ channel: 'stdout', time: undefined, text }),
    lastOnly: false,
    problem: (code, _stdout, stderr) => (code === 0 || code === null ? undefined : safeWords(stderr)),
  };
}

/** Init scripts, by `service`. */
export function sysvinitDriver(host: Host, { pid_files: pidFiles, log_files: logFiles }: ServiceConfig): Driver {
  const pidOf = async (name: string, script: string, said: string, signal: AbortSignal): Promise<number> => {
    const configured = pidFiles[name];
    const paths = configured === undefined ? pidFilesOf(name, script) : [configured];
    return keptPid((await host.readFiles(paths, signal)) ?? '') || saidPid(said);
  };
  return {
    name: 'sysvinit',
    async version(signal) {
      if (!(await host.hasFolder(folder, signal)))
        throw refused(`there is no ${folder}`, '', 'set driver in the config of the target');
      return 'sysvinit';
    },
    async list(signal) {
      const { stdout, stderr } = await host.look({
        what: 'list the services',
        file: 'service',
        args: ['--status-all'],
        signal,
      });
      return readStatusAll(`${stdout}\n${stderr}`).sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async inspect(name, signal) {
      const script = await host.readFiles([`${folder}/${name}`], signal);
      if (script === undefined) return undefined;
      const { code, stdout, stderr } = await host.look({
        what: `read the state of ${name}`,
        file: 'service',
        args: [name, 'status'],
        signal,
      });
      // A file that is no script, such as the folder's README.
      if (/unrecognized service/.test(stderr)) return undefined;
      const phase = phaseOfExit(code);
      const pid = phase === 'running' ? await pidOf(name, script, stdout, signal) : 0;
      const ticks = await host.processStart(pid, signal);
      const unknown = phase === 'running' && ticks === '';
      return {
        name,
        description: descriptionOf(script),
        phase,
        native: `status ${code ?? 'ended by a signal'}`,
        pid: ticks === '' ? 0 : pid,
        start: ticks === '' ? '' : `${pid}.${ticks}`,
        attempt: '',
        startedAt: null,
        restarts: 0,
        exit: null,
        busy: false,
        definition: digestOf(script),
        boot: '',
        obstacles: { start: [], stop: [] },
        cautions: unknown ? [`its process is not known: set pid_files.${name} in the config of the target`] : [],
        dependents: [],
      };
    },
    async act(verb, name, timeoutMs, signal) {
      const call = { what: `${verb} ${name}`, file: 'service', args: [name, verb], timeoutMs, signal };
      const { code, stdout, stderr } = await host.act(call);
      if (code === 0) return { said: 'done' };
      const said = `${stdout}\n${stderr}`;
      if (code === 4 || (code !== null && notAllowed.test(stderr))) {
        throw new ConnectorError('E_TARGET_REFUSED', `this worker is not permitted to ${verb} ${name}`, {
          detail: { said: safeWords(said), next: 'init scripts need root: run the worker as root' },
        });
      }
      if (code === null)
        throw new ConnectorError('E_TARGET_UNREACHABLE', `service was ended while it was to ${verb} ${name}`);
      return { said: 'failed', why: safeWords(said) };
    },
    log: (service, query) => logOf(service, query, logFiles[service.name]),
    wasAsked: async () => undefined,
  };
}
