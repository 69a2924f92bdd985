import { expect, it } from 'vitest';
import { howEnded, readStatus } from './program-status.ts';
import { supervisorctlRefusal } from './supervisorctl-errors.ts';

/** As supervisor 4.2.5 prints it. */
const status = `flap                             FATAL     Exited too quickly (process log may have details)
off                              STOPPED   Nov 28 10:37 PM
never                            STOPPED   Not started
pair:left                        RUNNING   pid 259, uptime 0:00:01
web                              RUNNING   pid 246, uptime 0:00:05
slow                             STARTING
`;
const log = `2026-11-28 22:37:07,622 INFO spawned: 'left' with pid 232
2026-11-28 22:37:07,636 INFO spawned: 'web' with pid 233
2026-11-28 22:37:08,653 INFO success: web entered RUNNING state, process has stayed up for > than 1 seconds (startsecs)
2026-11-28 22:37:10,322 WARN exited: flap (exit status 3; not expected)
2026-11-28 22:37:12,702 WARN stopped: web (terminated by SIGTERM)
2026-11-28 22:37:12,705 INFO spawned: 'web' with pid 246
2026-11-28 22:37:15,292 INFO waiting for left to stop
2026-11-28 22:37:16,179 WARN exited: left (terminated by SIGKILL; not expected)
2026-11-28 22:37:16,182 INFO spawned: 'left' with pid 259
`;

it('reads programs without what ages', () => {
  expect(readStatus(status)).toEqual([
    { name: 'flap', state: 'FATAL', pid: 0, note: 'Exited too quickly (process log may have details)' },
    { name: 'off', state: 'STOPPED', pid: 0, note: 'Nov 28 10:37 PM' },
    { name: 'never', state: 'STOPPED', pid: 0, note: 'Not started' },
    { name: 'pair:left', state: 'RUNNING', pid: 259, note: '' },
    { name: 'web', state: 'RUNNING', pid: 246, note: '' },
    { name: 'slow', state: 'STARTING', pid: 0, note: '' },
  ]);
  expect(readStatus('unix:///var/run/supervisor.sock no such file\n')).toEqual([]);
});

it.each([
  ['web', 233, 'stopped'],
  ['web', 246, undefined],
  ['pair:left', 232, 'exited'],
  ['web', 999, undefined],
])('how %s, process %i, ended: %s', (name, pid, how) => {
  expect(howEnded(log, name, pid)).toBe(how);
});

it.each([
  ['unix:///var/run/supervisor.sock no such file', 'E_TARGET_UNREACHABLE'],
  ['unix:///var/run/supervisor.sock refused connection', 'E_TARGET_UNREACHABLE'],
  ['Error: could not find config file /nope\nFor help, use /usr/bin/supervisorctl -h', 'E_TARGET_UNREACHABLE'],
  ["error: <class 'PermissionError'>, [Errno 13] Permission denied: file: xmlrpc.py line: 557", 'E_TARGET_REFUSED'],
  ['Server requires authentication', 'E_TARGET_REFUSED'],
])('%s', (said, code) => {
  expect(supervisorctlRefusal(said)).toMatchObject({ code, effect: 'none' });
});

it('an answer about a program is no refusal', () => {
  for (const said of ['web: started', 'flap: ERROR (spawn error)', status])
    expect(supervisorctlRefusal(said)).toBeUndefined();
});
