import { describe, expect, it } from 'vitest';
import { descriptionOf, keptPid, phaseOfExit, pidFilesOf, readStatusAll, saidPid } from './init-script.ts';

const script = `#!/bin/sh
### BEGIN INIT INFO
# Provides:          demo
# Short-Description: A demo service
### END INIT INFO
# pidfile: /var/run/demo/old.pid
NAME=demo
DIR="/run/demo.d"
PIDFILE=$DIR/\${NAME}.pid
PIDFILE_UNKNOWN=$NOWHERE/x.pid
`;

it('reads the list of all services', () => {
  expect(
    readStatusAll(' [ - ]  dbus\n [ + ]  demo\n [ ? ]  hwclock.sh\nhello\n').map(({ name, phase }) => [name, phase]),
  ).toEqual([
    ['dbus', 'stopped'],
    ['demo', 'running'],
    ['hwclock.sh', 'unknown'],
  ]);
});

it.each([
  [0, 'running'],
  [1, 'failed'],
  [2, 'failed'],
  [3, 'stopped'],
  [4, 'unknown'],
  [150, 'unknown'],
  [null, 'unknown'],
])('exit code %s of status: %s', (code, phase) => {
  expect(phaseOfExit(code)).toBe(phase);
});

describe('a script', () => {
  it('says what it is', () => {
    expect(descriptionOf(script)).toBe('A demo service');
    expect(descriptionOf('#!/bin/sh\n')).toBe('');
  });

  it('says where its pid is, before the places where Debian keeps them', () => {
    expect(pidFilesOf('demo', script)).toEqual([
      '/run/demo.d/demo.pid',
      '/var/run/demo/old.pid',
      '/run/demo.pid',
      '/run/demo/demo.pid',
    ]);
    expect(pidFilesOf('x', 'PIDFILE=$UNKNOWN/x.pid\nPIDFILE2=/y\n')).toEqual(['/run/x.pid', '/run/x/x.pid']);
    expect(pidFilesOf('x', 'PIDFILE=relative.pid\n')).toEqual(['/run/x.pid', '/run/x/x.pid']);
  });
});

it.each([
  ['demo is running (pid 4711).', 4711],
  ['* demo, process id: none, pid=12', 12],
  ['demo is running.', 0],
  ['running for 300 s', 0],
])('status text %s tells pid %i', (text, pid) => {
  expect(saidPid(text)).toBe(pid);
});

it.each([
  ['42\n', 42],
  ['\n 7 \n9\n', 7],
  ['pid 7\n', 0],
  ['', 0],
])('pid file %j holds %i', (text, pid) => {
  expect(keptPid(text)).toBe(pid);
});
