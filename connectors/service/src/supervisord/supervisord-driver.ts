import { ConnectorError } from '@countersign/connector-kit';
import type { Driver } from '../driver/driver.ts';
import { refused, safeWords } from '../errors.ts';
import type { Host } from '../host/host.ts';
import type { Service } from '../service.ts';
import { howEnded, type ProgramStatus, phaseOfState, readStatus } from './program-status.ts';
import { supervisorctlRefusal } from './supervisorctl-errors.ts';

/** How much of a log is asked for; supervisord counts in bytes. */
const tailBytes = 1024 * 1024;
const ownLogBytes = 256 * 1024;

function serviceOf(status: ProgramStatus, start: string): Service {
  const { name, state, pid, note } = status;
  const phase = phaseOfState(state);
  return {
    name,
    description: '',
    phase,
    native: state,
    pid,
    start: pid === 0 ? '' : `${pid}.${start}`,
    attempt: '',
    startedAt: null,
    restarts: 0,
    exit: note === '' ? null : note,
    busy: state === 'STARTING' || state === 'STOPPING',
    definition: null,
    boot: '',
    obstacles: { start: [], stop: [] },
    cautions: [],
    dependents: [],
  };
}

/** Programs of supervisord, by `supervisorctl`. `configFile` names its socket; undefined leaves the search to supervisorctl. */
export function supervisordDriver(host: Host, configFile: string | undefined): Driver {
  const configured = configFile === undefined ? [] : [`--configuration=${configFile}`];
  const ask = async (what: string, args: readonly string[], signal: AbortSignal): Promise<string> => {
    const call = { what, file: 'supervisorctl', args: [...configured, ...args], signal };
    const { code, stdout, stderr } = await host.look(call);
    const refusal = supervisorctlRefusal(`${stdout}\n${stderr}`);
    // A status of several programs exits with 3 when one of them does not run.
    if (refusal !== undefined && (code !== 0 || stdout === '')) throw refusal;
    return stdout;
  };
  const statuses = async (signal: AbortSignal) => readStatus(await ask('list its programs', ['status'], signal));
  return {
    name: 'supervisord',
    async version(signal) {
      const text = (await ask('read its version', ['version'], signal)).trim();
      if (!/^\d[\w.+-]*$/.test(text))
        throw refused('supervisord gives no version', text, 'run "supervisorctl version" on the host');
      return `supervisord ${text}`;
    },
    async list(signal) {
      return (await statuses(signal))
        .map(({ name, state }) => ({ name, phase: phaseOfState(state), native: state, description: '' }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async inspect(name, signal) {
      // Looked for in the list: asked for by name, supervisorctl takes "all" and patterns for many.
      const status = (await statuses(signal)).find((each) => each.name === name && name !== 'all');
      return status === undefined ? undefined : serviceOf(status, await host.processStart(status.pid, signal));
    },
    async act(verb, name, timeoutMs, signal) {
      const args = [...configured, verb, name];
      const { code, stdout, stderr } = await host.act({
        what: `${verb} ${name}`,
        file: 'supervisorctl',
        args,
        timeoutMs,
        signal,
      });
      const said = `${stdout}\n${stderr}`;
      const refusal = supervisorctlRefusal(said);
      if (refusal !== undefined && !stdout.startsWith(`${name}: `)) throw refusal;
      if (code === null)
        throw new ConnectorError('E_TARGET_UNREACHABLE', `supervisorctl was ended while it was to ${verb} ${name}`);
      const done = { start: 'started', restart: 'started', stop: 'stopped' }[verb];
      return stdout.includes(`${name}: ${done}`) ? { said: 'done' } : { said: 'failed', why: safeWords(said) };
    },
    log(service, query) {
      if (query.sinceSeconds !== undefined) {
        throw new ConnectorError('E_VALIDATION', 'supervisord keeps no times with its lines', {
          effect: 'none',
          detail: { field: '/since', next: 'leave since out and ask for the last lines by tail' },
        });
      }
      const how = query.follow ? '-f' : `-${tailBytes}`;
      return {
        call: { file: 'supervisorctl', args: [...configured, 'tail', how, service.name, 'stdout'] },
        parse: (text) =>
          text.startsWith('==> Press Ctrl-C') ? undefined : { channel: 'stdout', time: undefined, text },
        lastOnly: true,
        problem: (_code, stdout) => {
          const last = stdout.slice(-300).trim();
          return new RegExp(`^${escaped(service.name)}: ERROR \\(.*\\)$`).test(last) ? safeWords(last) : undefined;
        },
      };
    },
    async wasAsked(name, before, signal) {
      const ended = howEnded(await ask('read its log', ['maintail', `-${ownLogBytes}`], signal), name, before.pid);
      return ended === undefined ? undefined : ended === 'stopped';
    },
  };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
