import { describe, expect, it } from 'vitest';
import { systemctlRefusal } from './systemctl-errors.ts';
import { dependentsOf, readProperties, readTime, serviceOf } from './unit.ts';
import { readUnitFiles, readUnits } from './unit-list.ts';

/** As systemd 252 prints it, with TZ=UTC. */
const running = `Type=simple
RemainAfterExit=no
MainPID=113
Result=success
NRestarts=0
ExecMainStartTimestampMonotonic=27478256248
ExecMainCode=0
ExecMainStatus=0
Id=good.service
RequiredBy=leaning.service multi-user.target
BoundBy=
ConsistsOf=leaning.service part.service
TriggeredBy=
Description=A good service
LoadState=loaded
ActiveState=active
SubState=running
FragmentPath=/etc/systemd/system/good.service
DropInPaths=
UnitFileState=static
ActiveEnterTimestamp=Sat 2026-11-28 22:35:42 UTC
CanStart=yes
CanStop=yes
Job=
RefuseManualStart=no
RefuseManualStop=no
NeedDaemonReload=no
LoadError=
InvocationID=c510bb58e7f5443ba8154a964e85634e
`;

function unit(changes: Readonly<Record<string, string>> = {}) {
  return new Map([...readProperties(running), ...Object.entries(changes)]);
}

function service(changes: Readonly<Record<string, string>> = {}) {
  return serviceOf(unit(changes), { definition: null, dependents: [] });
}

const crashed = {
  ActiveState: 'activating',
  SubState: 'auto-restart',
  MainPID: '0',
  Result: 'exit-code',
  ExecMainCode: '1',
  ExecMainStatus: '3',
};

describe('a unit', () => {
  it('that runs', () => {
    expect(service()).toEqual({
      name: 'good.service',
      description: 'A good service',
      phase: 'running',
      native: 'active (running)',
      pid: 113,
      start: 'c510bb58e7f5443ba8154a964e85634e.27478256248',
      attempt: 'c510bb58e7f5443ba8154a964e85634e',
      startedAt: '2026-11-28T22:35:42Z',
      restarts: 0,
      exit: null,
      busy: false,
      definition: null,
      boot: 'static',
      obstacles: { start: [], stop: [] },
      cautions: [],
      dependents: [],
    });
  });

  it('that waits to be started again by systemd has no start', () => {
    expect(service(crashed)).toMatchObject({ phase: 'restarting', start: '', pid: 0, exit: 'exit-code, exit code 3' });
  });

  it('that a signal ended', () => {
    const killed = {
      ActiveState: 'failed',
      SubState: 'failed',
      Result: 'signal',
      ExecMainCode: '2',
      ExecMainStatus: '9',
    };
    expect(service(killed)).toMatchObject({
      phase: 'failed',
      start: '',
      startedAt: null,
      exit: 'signal, killed by signal 9',
    });
  });

  it('with a job has its manager at work', () => {
    expect(service({ Job: '4711' })?.busy).toBe(true);
    expect(service({ Job: '0' })?.busy).toBe(false);
  });

  it('that is not there, and one whose file is gone while it runs', () => {
    expect(service({ LoadState: 'not-found', ActiveState: 'inactive', SubState: 'dead' })).toBeUndefined();
    expect(service({ LoadState: 'not-found' })).toMatchObject({ phase: 'running' });
  });

  it.each([
    ['masked', { LoadState: 'masked' }, 'masked', 'start'],
    ['a bad file', { LoadState: 'bad-setting', LoadError: 'no ExecStart' }, 'no ExecStart', 'start'],
    ['by dependency alone', { RefuseManualStart: 'yes' }, 'RefuseManualStart', 'start'],
    ['not to be stopped', { RefuseManualStop: 'yes' }, 'RefuseManualStop', 'stop'],
    ['ends by itself', { Type: 'oneshot' }, 'oneshot', 'start'],
  ] as const)('%s is an obstacle', (_what, changes, text, kind) => {
    expect(service(changes)?.obstacles[kind].join()).toContain(text);
  });

  it('that a socket starts again, and whose file changed, is to be touched with care', () => {
    const cautions = service({ TriggeredBy: 'good.socket', NeedDaemonReload: 'yes' })?.cautions.join(' ');
    expect(cautions).toContain('good.socket');
    expect(cautions).toContain('daemon-reload');
  });

  it('names the services that stop with it, once, and no targets', () => {
    expect(dependentsOf(unit())).toEqual(['leaning.service', 'part.service']);
  });
});

it.each([
  ['Sat 2026-11-28 22:35:42 UTC', '2026-11-28T22:35:42Z'],
  ['n/a', null],
  ['', null],
  ['Sat 2026-11-28 22:35:42 CET', null],
])('time %s is %s', (text, time) => {
  expect(readTime(text)).toBe(time);
});

it('reads the list of units without those that are only mentioned', () => {
  const text = `console-getty.service                loaded    active   running Console Getty
display-manager.service              not-found inactive dead    display-manager.service
systemd-journal-flush.service        loaded    active   exited  Flush Journal to Persistent Storage
crash.service                        loaded    failed   failed  Crashes
e2scrub_reap.service                 loaded    inactive dead
`;
  expect(readUnits(text)).toEqual([
    { name: 'console-getty.service', phase: 'running', native: 'active (running)', description: 'Console Getty' },
    {
      name: 'systemd-journal-flush.service',
      phase: 'running',
      native: 'active (exited)',
      description: 'Flush Journal to Persistent Storage',
    },
    { name: 'crash.service', phase: 'failed', native: 'failed (failed)', description: 'Crashes' },
    { name: 'e2scrub_reap.service', phase: 'stopped', native: 'inactive (dead)', description: '' },
  ]);
});

it('reads unit files without templates and aliases', () => {
  const text = `autovt@.service                        alias     -
console-getty.service                  disabled  disabled
container-getty@.service               static    -
dbus-org.freedesktop.login1.service    alias     -
good.service                           static    -
`;
  expect(readUnitFiles(text).map(({ name, native }) => [name, native])).toEqual([
    ['console-getty.service', 'not loaded (disabled)'],
    ['good.service', 'not loaded (static)'],
  ]);
});

describe('what systemctl says', () => {
  it.each([
    ['Failed to start nope.service: Unit nope.service not found.', 5, 'E_TARGET_MISSING'],
    ['Failed to start good2.service: Unit good2.service is masked.', 1, 'E_TARGET_REFUSED'],
    ['Failed to restart good.service: Access denied\nSee system logs.', 4, 'E_TARGET_REFUSED'],
    ['Failed to restart good.service: Interactive authentication required.', 1, 'E_TARGET_REFUSED'],
    ["System has not been booted with systemd as init system (PID 1). Can't operate.", 1, 'E_TARGET_UNREACHABLE'],
    ['Failed to connect to bus: No such file or directory', 1, 'E_TARGET_UNREACHABLE'],
  ])('%s', (stderr, exit, code) => {
    expect(systemctlRefusal('good.service', exit, stderr)).toMatchObject({ code, effect: 'none' });
  });

  it('a job that failed was made: that is no refusal', () => {
    const stderr = 'Job for crash.service failed because the control process exited with error code.';
    expect(systemctlRefusal('crash.service', 1, stderr)).toBeUndefined();
  });

  it('names the missing right, and hides what could be secret', () => {
    const refusal = systemctlRefusal('good.service', 4, 'Access denied for PASSWORD=hunter2 at https://u:p@host/');
    expect(refusal?.detail).toMatchObject({ next: expect.stringContaining('org.freedesktop.systemd1.manage-units') });
    expect(JSON.stringify(refusal?.detail)).not.toMatch(/hunter2|u:p@/);
  });
});
